import assert from "node:assert/strict";
import fc from "fast-check";
import { unfitForJson } from "../../../runtime/core/body/unfit_for_json.ts";

class Order {
  id = 7;
}
class Money {
  cents = 5n;
  toJSON() {
    return { cents: String(this.cents) };
  }
}
class Wrapped {
  toJSON() {
    return { all: new Map() };
  }
}
function* numbers() {
  yield 1;
}
async function* later() {
  yield await Promise.resolve(1);
}

const said = (value: unknown) => {
  const unfit = unfitForJson(value);
  return unfit && `result${unfit.path} is ${unfit.what}: ${unfit.instead}`;
};

const unfit: Record<string, [value: unknown, says: RegExp]> = {
  "NaN": [NaN, /^result is NaN: write null or text/],
  "Infinity in a list": [[1, -Infinity], /^result\[1\] is -Infinity: /],
  "a bigint": [{ n: 5n }, /^result\.n is a bigint: write String\(value\)/],
  "a function": [() => 1, /^result is a function: /],
  "a function among an object's properties": [{ run() {} }, /^result\.run is a function: /],
  "a symbol": [{ kind: Symbol("x") }, /^result\.kind is a symbol: /],
  "a Map": [new Map([["a", 1]]), /^result is a Map: write Object\.fromEntries\(value\)/],
  "a Set deep inside": [
    { items: [0, 0, 0, { tags: new Set() }] },
    /^result\.items\[3\]\.tags is a Set: write \[\.\.\.value\]/,
  ],
  "an object of a class": [
    [new Order()],
    /^result\[0\] is an Order: write a plain object, as \{ \.\.\.value \}, or give/,
  ],
  "a Response": [new Response("x"), /^result is a Response: write what is in it: await value\.json\(\)/],
  "headers": [{ headers: new Headers() }, /^result\.headers is a Headers: write Object\.fromEntries/],
  "search parameters": [
    new URLSearchParams("a=1"),
    /^result is an? URLSearchParams: write Object\.fromEntries/,
  ],
  "a generator": [numbers(), /^result is a Generator: write \[\.\.\.value\]/],
  "an async generator": [later(), /^result is an AsyncGenerator: write await Array\.fromAsync\(value\)/],
  "a promise": [{ total: Promise.resolve(1) }, /^result\.total is a Promise: await it/],
  "an error": [{ error: new TypeError("No") }, /^result\.error is an Error: write its message, or throw it/],
  "a regular expression": [/x/, /^result is a RegExp: /],
  "bytes beside other values": [
    { data: new Uint8Array(2) },
    /^result\.data is bytes: send them alone, or as text/,
  ],
  "a buffer beside others": [[new ArrayBuffer(2)], /^result\[0\] is bytes: /],
  "a blob beside others": [{ file: new Blob(["x"]) }, /^result\.file is a Blob: send it alone, as bytes/],
  "a date that is none": [{ at: new Date(NaN) }, /^result\.at is an invalid Date: /],
  "what toJSON gives": [{ w: new Wrapped() }, /^result\.w\.all is a Map|^result\.w is a Map/],
  "a name that is no identifier": [{ "a b": NaN }, /^result\["a b"\] is NaN/],
};

for (const [what, [value, says]] of Object.entries(unfit)) {
  Deno.test(`A value that JSON cannot hold is reported: ${what}`, () => assert.match(said(value)!, says));
}

Deno.test("A value that is nested too deep, or in a circle, is reported with the start of its path", () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  let deep: unknown = 1;
  for (let i = 0; i < 1000; i++) deep = [deep];

  assert.equal(said(deep), undefined);
  assert.match(said([deep])!, /^result(\[0\]){20}… is nested deeper than 1000, or circular: /);
  assert.match(said(circle)!, /^result(\.self){20}… is nested/);
});

const fit: Record<string, unknown> = {
  "a date": new Date(0),
  "a URL": { url: new URL("http://example.test/") },
  "an object with a toJSON": [new Money()],
  "a plain object with a toJSON": { secret: () => 1, toJSON: () => "shown" },
  "a property that is undefined": { a: undefined, b: [undefined] },
  "an object without a prototype": Object.assign(Object.create(null), { a: 1 }),
  "boxed values": [Object(1), Object("x"), Object(true)],
  "null and nothing": [null, undefined],
};

for (const [what, value] of Object.entries(fit)) {
  Deno.test(`A value that JSON can hold is accepted: ${what}`, () => {
    assert.equal(said(value), undefined);
    JSON.stringify(value);
  });
}

Deno.test("Every value that JSON.parse() returns is accepted", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => assert.equal(unfitForJson(value), undefined)));
});
