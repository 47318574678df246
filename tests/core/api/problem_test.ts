import assert from "node:assert/strict";
import fc from "fast-check";
import { RpcError } from "../../../runtime/core/api/errors.ts";
import { fromProblem, toProblem } from "../../../runtime/core/api/problem.ts";

Deno.test("An RpcError becomes a problem object of RFC 9457", () => {
  const error = new RpcError("NO_SUCH_ITEM", { detail: "No item 'nut'", data: { item: "nut" }, status: 404 });

  assert.deepEqual(toProblem(error), {
    type: "urn:hopper:problem:NO_SUCH_ITEM",
    title: "No such item",
    status: 404,
    detail: "No item 'nut'",
    code: "NO_SUCH_ITEM",
    data: { item: "nut" },
  });
});

Deno.test("Any error of a handler becomes a problem object without its stack", () => {
  const error = new TypeError("x is not a function");

  assert.deepEqual(toProblem(error), {
    type: "urn:hopper:problem:HANDLER_FAILED",
    title: "Handler failed",
    status: 500,
    detail: "TypeError: x is not a function",
    code: "HANDLER_FAILED",
  });
  assert.equal(toProblem("plain text").detail, "plain text");
  assert.equal(toProblem(undefined).detail, "undefined");
  assert.equal(toProblem(5n).detail, "5n");
});

Deno.test("A problem object of a schema error has its issues", () => {
  const issues = [{ message: "Expected a number", path: ["age"] }];
  assert.deepEqual(toProblem(new RpcError("INVALID_INPUT", { status: 422, issues })).issues, issues);
});

Deno.test("The caller gets the error that the handler threw", () => {
  const sent = fc.record({
    code: fc.string({ minLength: 1 }),
    detail: fc.string({ minLength: 1 }),
    status: fc.integer({ min: 100, max: 599 }),
    data: fc.option(fc.jsonValue(), { nil: undefined }),
    issues: fc.option(fc.array(fc.record({ message: fc.string() })), { nil: undefined }),
  });
  fc.assert(fc.property(sent, ({ code, ...options }) => {
    const got = fromProblem(JSON.parse(JSON.stringify(toProblem(new RpcError(code, options)))));

    assert.equal(got.code, code);
    assert.equal(got.message, options.detail);
    assert.equal(got.status, options.status);
    assert.deepEqual(JSON.stringify([got.data, got.issues]), JSON.stringify([options.data, options.issues]));
  }));
});

Deno.test("An incomplete error reply of another program is read as far as possible", () => {
  assert.equal(fromProblem({ title: "Out of stock" }).message, "Out of stock");
  assert.equal(fromProblem({ title: "Out of stock", status: 409 }).status, 409);

  const bare = fromProblem({});
  assert.equal(bare.code, "UNKNOWN");
  assert.equal(bare.status, 500);
});

Deno.test("A member of a problem object that has the wrong type is left out", () => {
  const error = fromProblem({ code: 5, detail: "", title: null, status: "500", issues: "none" });
  assert.equal(error.code, "UNKNOWN");
  assert.equal(error.message, "UNKNOWN");
  assert.equal(error.status, 500);
  assert.equal(error.issues, undefined);
});

Deno.test("An error reply that is not an object is quoted", () => {
  const detail = (value: unknown) => fromProblem(value).message;

  assert.equal(detail("went wrong"), 'The error reply is not a problem object: "went wrong"');
  assert.equal(detail(null), "The error reply is not a problem object: null");
  assert.equal(detail([1]), "The error reply is not a problem object: [1]");
  assert.equal(detail(new Uint8Array([1])), 'The error reply is not a problem object: {"0":1}');
});
