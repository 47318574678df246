import assert from "node:assert/strict";
import { describeError, HopperError, Reject, Retry, RpcError } from "../../runtime/core/errors.ts";

Deno.test("An error says its kind in two ways: a code for programs, a name for people", () => {
  const errors = [new Reject("No items"), new Retry({ after: "10s" }), new RpcError("NO_SUCH_ITEM")];

  assert.deepEqual(errors.map(({ code }) => code), ["REJECT", "RETRY", "NO_SUCH_ITEM"]);
  assert.deepEqual(errors.map(({ name }) => name), ["Reject", "Retry", "RpcError"]);
  assert.ok(errors.every((error) => error instanceof HopperError && error instanceof Error));
});

Deno.test("The cause travels along", () => {
  const cause = new Error("ECONNREFUSED");
  assert.equal(new Reject("why", { cause }).cause, cause);
  assert.equal(new Retry({ cause }).cause, cause);
  assert.equal(new RpcError("DOWN", { cause }).cause, cause);
});

Deno.test("An RpcError without details has its code as message and status 500", () => {
  const error = new RpcError("NO_SUCH_ITEM");
  assert.equal(error.message, "NO_SUCH_ITEM");
  assert.equal(error.status, 500);
  assert.equal(error.data, undefined);
});

Deno.test("Whatever is thrown can be described", () => {
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

Deno.test("What is no error is described at a bounded length", () => {
  assert.equal(describeError(Array.from({ length: 10_000 }, () => 1)).length, 1001);
});
