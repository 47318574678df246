/** Errors of inline functions whose stack is not text. */

import assert from "node:assert/strict";
import type { Event } from "../../runtime/core/ports/events.ts";
import { rpc } from "../../runtime/mod.ts";
import { delivery } from "../support/delivery.ts";
import { served } from "../support/served.ts";

const stacks: Readonly<Record<string, PropertyDescriptor>> = {
  "a number": { value: 5n },
  "an object": { value: { split: 1 } },
  "missing": { value: undefined },
  "one that throws when it is read": {
    get() {
      throw new Error("unreadable");
    },
  },
};

for (const [what, stack] of Object.entries(stacks)) {
  Deno.test(`An error whose stack is ${what} is replied and reported without it`, async () => {
    const error = Object.defineProperty(new Error("odd"), "stack", stack);
    const throwing = rpc("odd", () => {
      throw error;
    });
    using function_ = served(throwing);
    const request = delivery({ properties: { messageId: "m1", replyTo: "r", correlationId: "c" } });

    await function_.run(request);

    assert.equal(request.settled, "ack");
    const failed = function_.events("failed")[0] as Event & { readonly event: "failed" };
    assert.deepEqual([failed.error, failed.stack, failed.at], ["Error: odd", undefined, undefined]);
  });
}
