import assert from "node:assert/strict";
import { describeError, HopperError, Reject, Retry, RpcError } from "../../../runtime/core/api/errors.ts";

Deno.test("An error has a code for programs and a name for people", () => {
  const errors = [new Reject("No items"), new Retry({ after: "10s" }), new RpcError("NO_SUCH_ITEM")];

  assert.deepEqual(errors.map(({ code }) => code), ["REJECT", "RETRY", "NO_SUCH_ITEM"]);
  assert.deepEqual(errors.map(({ name }) => name), ["Reject", "Retry", "RpcError"]);
  assert.ok(errors.every((error) => error instanceof HopperError && error instanceof Error));
});

Deno.test("An error keeps its cause", () => {
  const cause = new Error("ECONNREFUSED");
  assert.equal(new Reject("why", { cause }).cause, cause);
  assert.equal(new Retry({ cause }).cause, cause);
  assert.equal(new RpcError("DOWN", { cause }).cause, cause);
});

Deno.test("An RpcError without details has its code as its message, and status 500", () => {
  const error = new RpcError("NO_SUCH_ITEM");
  assert.equal(error.message, "NO_SUCH_ITEM");
  assert.equal(error.status, 500);
  assert.equal(error.data, undefined);
});

Deno.test("An error is described with its causes, each text once", () => {
  const refused = new Error("connect ECONNREFUSED 127.0.0.1:9");
  const failed = new TypeError("fetch failed", { cause: refused });
  const whole = "TypeError: fetch failed; caused by Error: connect ECONNREFUSED 127.0.0.1:9";
  assert.equal(describeError(failed), whole);
  assert.equal(
    describeError(new Error("Cannot pay: fetch failed", { cause: failed })),
    [
      "Error: Cannot pay: fetch failed",
      "caused by Error: connect ECONNREFUSED 127.0.0.1:9",
    ].join("; "),
  );
  assert.equal(describeError(new Reject("No", { cause: "a text" })), "Reject: No; caused by a text");
  assert.equal(
    describeError(new AggregateError([new Error("one"), refused], "All failed")),
    "AggregateError: All failed; caused by Error: one; caused by Error: connect ECONNREFUSED 127.0.0.1:9",
  );
  assert.equal(
    describeError(new HopperError("X", "The whole story", { cause: refused })),
    "HopperError: The whole story",
  );
  const own = new Error("own cause");
  own.cause = own;
  assert.equal(describeError(own), "Error: own cause");
  let deep: unknown = "bottom";
  for (let i = 0; i < 100; i++) deep = new Error(`level ${i};`, { cause: deep });
  assert.equal(describeError(deep).split("caused by").length, 6);
});

Deno.test("Any thrown value can be described", () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const unreadable = Object.defineProperty(new Error("x"), "message", {
    get() {
      throw new Error("no");
    },
  });

  assert.equal(describeError(new TypeError("x is not a function")), "TypeError: x is not a function");
  assert.equal(describeError("plain text"), "plain text");
  assert.equal(describeError({ status: 429 }), '{"status":429}');
  assert.equal(describeError(undefined), "undefined");
  assert.equal(describeError(null), "null");
  assert.equal(describeError(5n), "5n");
  assert.equal(describeError(circular), "an object");
  assert.equal(describeError(Symbol("x")), "a symbol");
  assert.equal(describeError(unreadable), "An error that cannot be read");
});

Deno.test("The description of a thrown value that is not an error has a maximum length", () => {
  assert.equal(describeError(Array.from({ length: 10_000 }, () => 1)).length, 1001);
});

Deno.test("An error from another copy of Hopper is an instance of the same class, and of no other", async () => {
  const other: typeof import("../../../runtime/core/api/errors.ts") = await import(
    `${import.meta.resolve("../../../runtime/core/api/errors.ts")}?another`
  );
  class OwnReject extends Reject {}
  const reject = new other.Reject("no");
  assert.notEqual(other.Reject, Reject);
  assert.ok(reject instanceof Reject && reject instanceof HopperError);
  assert.ok(!((reject as unknown) instanceof Retry) && !((reject as unknown) instanceof OwnReject));
  assert.ok(new OwnReject("no") instanceof other.Reject);
  assert.ok(!((new Error("no") as unknown) instanceof HopperError));
});
