import assert from "node:assert/strict";
import { asErrorCopy, copyError, reviveError } from "../../../runtime/host/wire/error_copy.ts";
import { HopperError, Reject, RpcError } from "../../../runtime/core/api/errors.ts";
import { Unroutable } from "../../../runtime/core/ports/amqp_errors.ts";

/** Copies and revives an error through JSON. */
const sent = (error: unknown) => reviveError(asErrorCopy(JSON.parse(JSON.stringify(copyError(error)))));
/** Revives what a process sent as an error. */
const revived = (value: unknown) => reviveError(asErrorCopy(value));

Deno.test("Hopper's own errors arrive with their class", () => {
  const rpc = sent(new RpcError("NO_STOCK", { detail: "None", data: { left: 0n }, status: 409 })) as RpcError;
  assert.ok(rpc instanceof RpcError);
  assert.deepEqual([rpc.code, rpc.message, rpc.status, rpc.data], ["NO_STOCK", "None", 409, { left: 0n }]);

  const unroutable = sent(new Unroutable("", "orders")) as Unroutable;
  assert.ok(unroutable instanceof Unroutable && unroutable instanceof HopperError);
  assert.equal(unroutable.routingKey, "orders");
  assert.ok(sent(new Reject("No")) instanceof Reject);
});

Deno.test("Other errors arrive with their name, message, stack and cause", () => {
  const error = new RangeError("Too far", { cause: new TypeError("Not there") });
  const arrived = sent(error) as Error;

  assert.ok(arrived instanceof Error);
  assert.equal(`${arrived}`, "RangeError: Too far");
  assert.equal(arrived.stack, error.stack);
  assert.equal(`${arrived.cause}`, "TypeError: Not there");
});

Deno.test("Other thrown values arrive as text", () => {
  assert.equal(sent("text"), "text");
  assert.equal(sent(null), "null");
  assert.equal(sent(undefined), "undefined");
  assert.equal(sent(5n), "5n");
  assert.equal(sent({ code: 1 }), '{"code":1}');
});

Deno.test("An error with throwing properties, a circular cause or a long message is copied", () => {
  const unreadable = new Error("x");
  Object.defineProperty(unreadable, "message", {
    get: () => {
      throw new Error("Not for you");
    },
  });
  const endless = new Error("round");
  endless.cause = endless;

  assert.equal(sent(unreadable), "An error that cannot be read");
  assert.equal(`${sent(endless)}`, "Error: round");
  assert.equal((sent(new Error("x".repeat(1e6))) as Error).message.length, 64 * 1024);
  assert.deepEqual((sent(new RpcError("A", { data: endless })) as RpcError).code, "A");
});

Deno.test("Anything that a process sends as an error is revived as one", () => {
  for (
    const value of [
      undefined,
      null,
      5,
      [],
      {},
      { name: "RpcError", message: 5 },
      { name: "RpcError", message: "m", fields: { $: "object", value: 5 } },
      { name: "RpcError", message: "m", fields: 5, stack: {} },
      { name: "Error", message: "m", cause: "none" },
    ]
  ) {
    assert.ok(revived(JSON.parse(JSON.stringify(value ?? null))) instanceof Error, JSON.stringify(value));
  }
  const long = revived({ name: "Error", message: "x".repeat(1e6), stack: "y".repeat(1e6) }) as Error;
  assert.deepEqual([long.message.length, long.stack!.length], [64 * 1024, 64 * 1024]);
});

Deno.test("The fields of a copied error cannot change its class or the prototype", () => {
  const fields = JSON.parse('{ "__proto__": { "polluted": 1 }, "constructor": 1, "name": "Other" }');
  const error = revived({ name: "Error", message: "m", fields }) as Error & { polluted?: number };

  assert.ok(error instanceof Error);
  assert.equal(error.name, "Error");
  assert.equal(error.polluted, undefined);
  assert.equal((new Error("x") as Error & { polluted?: number }).polluted, undefined);
});
