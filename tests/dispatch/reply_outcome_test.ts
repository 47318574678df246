/** How a request is settled if its reply could not be published. */

import assert from "node:assert/strict";
import { BrokerBlocked, ConnectionLost, PublishFailed } from "../../runtime/core/ports/amqp_errors.ts";
import { rpc } from "../../runtime/mod.ts";
import { delivery } from "../support/delivery.ts";
import { served } from "../support/served.ts";

const failures = {
  "lost with its connection": [new ConnectionLost("publishing"), "requeue"],
  "that the broker may have refused": [new PublishFailed("", "r", "406", true), "requeue"],
  "that the broker refused": [new PublishFailed("", "r", "too large"), "ack"],
  "for which the broker has no room": [new BrokerBlocked("low on memory"), "ack"],
} as const;

for (const [what, [error, settled]] of Object.entries(failures)) {
  Deno.test(`A request with a reply ${what} is settled by '${settled}' and reported as unanswered`, async () => {
    using function_ = served(rpc("orders", () => 1), { publish: () => Promise.reject(error) });
    const request = delivery({ properties: { messageId: "m1", replyTo: "r", correlationId: "c" } });

    await function_.run(request);

    assert.equal(request.settled, settled);
    assert.equal(function_.events("unanswered").length, 1);
  });
}
