import assert from "node:assert/strict";
import { checkMatch, compile } from "../../../runtime/broker/exchange/headers.ts";
import { type Field, longstr } from "../../../runtime/amqp/table.ts";

const int = (value: number): Field => ({ type: "signedint", value });
const none = new Map<string, Field>();

const all = (...pairs: [string, Field][]) => compile(new Map([["x-match", longstr("all")], ...pairs]), true);
const any = (...pairs: [string, Field][]) => compile(new Map([["x-match", longstr("any")], ...pairs]), true);

Deno.test("A headers binding with 'all' needs every pair, and one with 'any' needs one", () => {
  const pairs: [string, Field][] = [["a", int(1)], ["b", longstr("x")]];
  const both = new Map(pairs), one = new Map(pairs.slice(1));
  assert.deepEqual([all(...pairs)(both), all(...pairs)(one), all(...pairs)(none)], [true, false, false]);
  assert.deepEqual([any(...pairs)(both), any(...pairs)(one), any(...pairs)(none)], [true, true, false]);
});

Deno.test("A headers binding without pairs matches everything with 'all', and nothing with 'any'", () => {
  assert.deepEqual([all()(none), any()(none)], [true, false]);
});

Deno.test("A headers binding compares integers of any width, and an integer never equals a string", () => {
  const matches = all(["n", int(1)]);
  assert.equal(matches(new Map([["n", { type: "long", value: 1n } as Field]])), true);
  assert.equal(matches(new Map([["n", longstr("1")]])), false);
});

Deno.test("A headers binding with a void value needs only the header, and x- headers count only with 'all-with-x' or 'any-with-x'", () => {
  assert.equal(all(["n", { type: "void", value: undefined }])(new Map([["n", int(7)]])), true);
  const pairs: [string, Field][] = [["x-tenant", int(1)]];
  assert.equal(any(...pairs)(new Map(pairs)), false);
  assert.equal(compile(new Map([["x-match", longstr("any-with-x")], ...pairs]), true)(new Map(pairs)), true);
});

Deno.test("A headers binding with an unknown x-match is refused", () => {
  assert.throws(() => checkMatch(new Map([["x-match", longstr("nope")]])), {
    message: 'Invalid x-match field value <<"nope">>; expected all, any, all-with-x, or any-with-x',
  });
});
