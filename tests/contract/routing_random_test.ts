import assert from "node:assert/strict";
import fc from "fast-check";
import { contract, drain, type Session } from "../support/contract.ts";
import type { Table } from "../support/wire_fields.ts";
import type { Arguments } from "../support/wire_methods.ts";

/** Binds a queue for each binding, publishes all messages, and returns what each queue got. */
async function routed(
  type: string,
  bindings: readonly Arguments[],
  messages: readonly { key: string; headers: Table }[],
  broker: Session,
): Promise<number[][]> {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, type);
  const queues: string[] = [];
  for (const binding of bindings) {
    const queue = await broker.queue(channel);
    await channel.call("queue.bind", { queue, exchange, ...binding });
    queues.push(queue);
  }
  for (const [index, { key, headers }] of messages.entries()) {
    await channel.publish(exchange, key, String(index), { headers });
  }
  const got: number[][] = [];
  for (const queue of queues) got.push((await drain(channel, queue)).map(Number));
  return got;
}

/** The indexes of the messages that a binding should get. */
const indexes = <T>(messages: readonly T[], matches: (message: T) => boolean): number[] =>
  messages.flatMap((message, index) => matches(message) ? [index] : []);

/** The words of a key; the empty key has none. */
const words = (key: string): string[] => key === "" ? [] : key.split(".");

function topicMatches([first, ...pattern]: string[], key: string[]): boolean {
  if (first === undefined) return key.length === 0;
  if (first === "#") {
    return key.some((_, at) => topicMatches(pattern, key.slice(at))) || topicMatches(pattern, []);
  }
  return key.length > 0 && (first === "*" || first === key[0]) && topicMatches(pattern, key.slice(1));
}

const word = fc.constantFrom("a", "b", "c", "");
const bindingWord = fc.constantFrom("a", "b", "c", "", "*", "#", "#");
const dotted = (each: fc.Arbitrary<string>) =>
  fc.array(each, { maxLength: 5 }).map((words) => words.join("."));

contract("Random topic bindings get the messages that match their words", async (broker) => {
  const { maxWildcards } = broker.expected;
  const patterns = fc.sample(dotted(bindingWord), { numRuns: 40, seed: 5672 })
    .filter((pattern) => words(pattern).filter((word) => word === "#").length <= maxWildcards);
  const keys = fc.sample(dotted(word), { numRuns: 60, seed: 5673 });
  const got = await routed(
    "topic",
    patterns.map((routingKey) => ({ routingKey })),
    keys.map((key) => ({ key, headers: {} })),
    broker,
  );
  const expected = patterns.map((pattern) =>
    indexes(keys, (key) => topicMatches(words(pattern), words(key)))
  );
  assert.deepEqual(got, expected);
});

const value = fc.constantFrom<unknown>(1, 2, "1", "a", true, false, 1.5, null);
const headers = fc.dictionary(fc.constantFrom("a", "b", "c", "x-a"), value, { noNullPrototype: true });
const match = fc.constantFrom("all", "any", "all-with-x", "any-with-x");

function headersMatch(binding: Table, message: Table): boolean {
  const { "x-match": mode, ...pairs } = binding as { "x-match": string };
  const wanted = Object.entries(pairs).filter(([name]) => mode.endsWith("-with-x") || !name.startsWith("x-"));
  // A void value in a binding only needs the header.
  const holds = ([name, value]: [string, unknown]) =>
    name in message && (value === null || Object.is(value, message[name]));
  return mode.startsWith("all") ? wanted.every(holds) : wanted.some(holds);
}

contract("Random headers bindings get the messages that match their pairs", async (broker) => {
  const bindings = fc.sample(fc.tuple(headers, match), { numRuns: 40, seed: 5672 })
    .map(([pairs, mode]): Table => ({ ...pairs, "x-match": mode }));
  const tables = fc.sample(headers, { numRuns: 60, seed: 5673 });
  const got = await routed(
    "headers",
    bindings.map((args) => ({ arguments: args })),
    tables.map((headers) => ({ key: "", headers })),
    broker,
  );
  assert.deepEqual(got, bindings.map((binding) => indexes(tables, (table) => headersMatch(binding, table))));
});
