import assert from "node:assert/strict";
import { checkTrigger } from "../../../runtime/discover/check/trigger.ts";
import { direct, fanout, headers, queue, rpc, topic } from "../../../runtime/mod.ts";

// Files are run without their types being checked, so anything may come.
// deno-lint-ignore no-explicit-any
type Anything = any;

const handler = () => {};
const faults = ({ trigger }: { trigger: Anything }) => checkTrigger(trigger);
const messages = (declaration: { trigger: Anything }) => faults(declaration).map(({ message }) => message);

Deno.test("The triggers of the tutorial have no problems", () => {
  for (
    const declaration of [
      queue("task_queue", handler),
      fanout("logs", handler),
      direct("direct_logs", ["info", "warning", "error"], handler),
      direct("direct_logs", "error", handler),
      topic("topic_logs", ["#", "kern.*", "*.critical", "*.orange.*", "lazy.#"], handler),
      headers("reports", { all: { format: "pdf", pages: 3, signed: true } }, handler),
      headers("reports", { any: { format: "pdf" } }, handler),
      rpc("rpc_queue", handler),
      fanout(["logs", "audit"], handler),
      direct([["logs", "error"], ["audit", ["denied", "granted"]]], handler),
      topic([["orders", "order.*"], ["billing", ["invoice.#"]]], handler),
      headers([["reports", { all: { type: "report" } }], ["files", { any: { type: "pdf" } }]], handler),
    ]
  ) assert.deepEqual(faults(declaration), []);
});

Deno.test("Rare names, keys and patterns that AMQP allows have no problems", () => {
  assert.deepEqual(faults(direct("keys", ["", "a..b", "*", "#"], handler)), [], "a direct key is any text");
  assert.deepEqual(faults(topic("t", ["", ".", "a..b", "#.#", "ü.€"], handler)), [], "words may be empty");
  assert.deepEqual(faults(headers("h", { all: {} }, handler)), [], "all of nothing is everything");
  assert.deepEqual(faults(headers("h", { all: { "": "", n: -1.5, no: false } }, handler)), []);
  assert.deepEqual(faults(fanout("amq.fanout", handler)), [], "the broker's own exchanges may be used");
  assert.deepEqual(faults(queue("x".repeat(255), handler)), []);
});

Deno.test("A name that is missing, empty, too long or not a string is reported with an example", () => {
  assert.deepEqual(faults(queue(undefined as Anything, handler)), [{
    message: "The queue's name is missing, expected a string",
    fix: 'write: queue("orders", handler)',
  }]);
  assert.deepEqual(messages(queue("", handler)), ["The queue's name is empty"]);
  assert.deepEqual(messages(rpc(5n as Anything, handler)), ["The rpc's name is 5n, expected a string"]);
  assert.deepEqual(messages(fanout({ logs: 1 } as Anything, handler)), [
    `The exchange's name is {"logs":1}, expected a string`,
  ]);
  assert.deepEqual(messages(queue(handler as Anything, handler)), [
    "The queue's name is a function, expected a string",
  ]);
  assert.deepEqual(messages(queue("é".repeat(128), handler)), [
    "The queue's name is longer than AMQP's 255 bytes",
  ], "bytes count, not characters");
});

Deno.test("A queue's name that begins with 'amq.' is reported", () => {
  assert.deepEqual(messages(queue("amq.orders", handler)), [
    "The name 'amq.orders' begins with 'amq.', which brokers keep for themselves",
  ]);
  assert.deepEqual(messages(queue("amqp.orders", handler)), []);
});

Deno.test("Keys and patterns that are missing or not a list are reported with an example", () => {
  assert.deepEqual(faults(direct("logs", undefined as Anything, handler)), [{
    message: "The keys are missing, expected a string or a list",
    fix: 'write: direct("direct_logs", ["warning", "error"], handler)',
  }]);
  assert.deepEqual(messages(topic("logs", handler as Anything, handler)), [
    "The patterns are a function, expected a string or a list",
  ]);
  assert.deepEqual(messages(direct("logs", [], handler)), [
    "The list of keys is empty, so nothing would ever arrive",
  ]);
  assert.deepEqual(messages(direct("logs", ["a", 5 as Anything, null], handler)), [
    "A key is 5, expected a string",
    "A key is null, expected a string",
  ]);
  assert.deepEqual(messages(topic("logs", ["x".repeat(256)], handler)), [
    "A pattern is longer than AMQP's 255 bytes",
  ]);
});

Deno.test("A pattern that AMQP does not match as meant is reported", () => {
  assert.deepEqual(faults(topic("logs", ["kern.*", "kern*.x"], handler)), [{
    message:
      "Pattern 'kern*.x': 'kern*' mixes a wildcard with other characters, which AMQP compares literally",
    fix: "let the wildcard be a word of its own, as in 'kern.*' or '#.critical'",
  }]);
  for (const pattern of ["**", "##", "#*", "a.b#", "*a.b", "a.**.b"]) {
    assert.equal(messages(topic("logs", [pattern], handler)).length, 1, pattern);
  }
});

Deno.test("A header match must have either 'all' or 'any'", () => {
  const match = (value: unknown) => messages(headers("reports", value as Anything, handler));

  assert.deepEqual(match(undefined), ["The header match is missing, expected either 'all' or 'any'"]);
  assert.deepEqual(match({}), ["The header match is {}, expected either 'all' or 'any'"]);
  assert.deepEqual(match({ format: "pdf" }), [
    `The header match is {"format":"pdf"}, expected either 'all' or 'any'`,
  ]);
  assert.deepEqual(match({ all: {}, any: {} }), [
    `The header match is {"all":{},"any":{}}, expected either 'all' or 'any'`,
  ]);
  assert.deepEqual(match({ all: ["format"] }), [`'all' is ["format"], expected header names and values`]);
  assert.deepEqual(match({ any: {} }), ["'any' names no header, so nothing would ever arrive"]);
});

Deno.test("A header that brokers ignore, or a value that they cannot compare, is reported", () => {
  const all = (pairs: unknown) => messages(headers("reports", { all: pairs as Anything }, handler));

  assert.deepEqual(all({ "x-format": "pdf" }), [
    "Header 'x-format' begins with 'x-', and brokers leave such headers out of the match",
  ]);
  assert.deepEqual(all({ a: null, b: NaN, c: { d: 1 }, e: 5n, f: undefined, g: "fine" }), [
    "Header 'a' is compared with null",
    "Header 'b' is compared with NaN",
    `Header 'c' is compared with {"d":1}`,
    "Header 'e' is compared with 5n",
    "Header 'f' is compared with undefined",
  ]);
  assert.deepEqual(all({ ["x".repeat(256)]: 1 }), ["A header's name is longer than AMQP's 255 bytes"]);
});

Deno.test("A problem with one of several exchanges says which one, with an example", () => {
  const fix = 'write: topic([["orders", "order.*"], ["billing", ["invoice.#"]]], handler)';
  const several = (sources: Anything) => faults((topic as Anything)(sources, handler));
  assert.deepEqual(several([]), [
    { message: "The list of exchanges is empty, so nothing would ever arrive", fix },
  ]);
  assert.deepEqual(several([["orders", "order.*"], ["billing", []]]), [
    { message: "Exchange 2: The list of patterns is empty, so nothing would ever arrive", fix },
  ]);
  assert.deepEqual(several(["orders", "order.*"]), [
    { message: "Exchange 1: The patterns are missing, expected a string or a list", fix },
    { message: "Exchange 2: The patterns are missing, expected a string or a list", fix },
  ]);
  assert.deepEqual(several([["orders", "order.*", "order.#"]])[0], {
    message: `Exchange 1: The exchange's name is ["orders","order.*","order.#"], expected a string`,
    fix,
  });
  assert.match(
    several([["orders", "order.*"], ["billing", "in*"]])[0]!.message,
    /^Exchange 2: Pattern 'in\*'/,
  );
  assert.deepEqual(messages(fanout(Array.from({ length: 101 }, (_, i) => `x${i}`), handler)), [
    "The trigger has more than 100 exchanges",
  ]);
  assert.deepEqual(messages(headers([["h", { any: {} }]], handler)), [
    "Exchange 1: 'any' names no header, so nothing would ever arrive",
  ]);
  assert.deepEqual(checkTrigger({ kind: "topic", sources: [5] } as Anything), [
    { message: "The exchanges are no list", fix },
  ], "what a function's process sends is not believed");
});
