/** Values that a handler may return or a program send, as source for function files and as values for tests. */

import { Buffer } from "node:buffer";

const { buffer } = Uint8Array.of(9, 0, 1, 254, 255, 9);

/** Bytes of every kind. Each is 0, 1, 254, 255. */
export const bytesOfEveryKind: Record<string, () => unknown> = {
  Uint8Array: () => Uint8Array.of(0, 1, 254, 255),
  part: () => new Uint8Array(buffer, 1, 4),
  Buffer: () => Buffer.of(0, 1, 254, 255),
  ArrayBuffer: () => buffer.slice(1, 5),
  SharedArrayBuffer: () => sharedBytes(),
  Int16Array: () => new Int16Array(buffer.slice(1, 5)),
  DataView: () => new DataView(buffer, 1, 4),
  Blob: () => new Blob([Uint8Array.of(0, 1, 254, 255)]),
  ReadableStream: () => ReadableStream.from([Uint8Array.of(0, 1), Uint8Array.of(254, 255)]),
};

/** Values that would arrive changed, and the error for each if it is in a list. */
export const unsendable: Record<string, readonly [value: () => unknown, says: RegExp]> = {
  Map: [() => new Map([["a", 1]]), / is a Map, which JSON cannot hold: write Object\.fromEntries/],
  Set: [() => new Set([1]), / is a Set, which JSON cannot hold: write \[\.\.\.value\]/],
  NaN: [() => NaN, / is NaN, which JSON cannot hold: write null or text/],
  Infinity: [() => Infinity, / is Infinity, /],
  bigint: [() => 5n, / is a bigint, which JSON cannot hold: write String/],
  instance: [() => new (class Order {})(), / is an Order, which JSON cannot hold: write a plain object/],
  Response: [() => new Response("x"), / is a Response, which JSON cannot hold: write what is in it/],
  generator: [() => [1].values(), / is an Array Iterator, which JSON cannot hold: write \[\.\.\.value\]/],
  function: [() => () => 1, / is a function, /],
  symbol: [() => Symbol("x"), / is a symbol, /],
  Error: [() => new Error("x"), / is an Error, /],
  promise: [() => ({ total: Promise.resolve(1) }), /\.total is a Promise, which JSON cannot hold: await it/],
  "invalid Date": [() => new Date(NaN), / is an invalid Date, /],
  bytes: [() => ({ data: Uint8Array.of(1) }), /\.data is bytes, which JSON cannot hold: send them alone/],
};

function sharedBytes(): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(4);
  new Uint8Array(shared).set([0, 1, 254, 255]);
  return shared;
}
