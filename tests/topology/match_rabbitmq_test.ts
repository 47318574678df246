/** Compares `reaches` with RabbitMQ, by hundreds of generated bindings and messages. */

import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { type Channel, connect } from "amqplib";
import fc from "fast-check";
import { resolve } from "../../runtime/core/settings/settings.ts";
import { versionOf } from "../../runtime/core/version.ts";
import type { Trigger } from "../../runtime/mod.ts";
import { reaches, type Routed } from "../../runtime/topology/match.ts";
import { planFunction } from "../../runtime/topology/plan.ts";
import { connectBroker } from "../support/amqp.ts";
import { type BrokerAddress, rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";
import { anyKey, anyMatch, anyPattern, someHeaders } from "./routed.ts";

const rabbitmq = await rabbitmqForTests();

/** A message that every queue gets last, so that the test knows when there are no more. */
const end = "end";

/** Binds a queue by the plan of a function; `got` resolves with its messages when the last one has arrived. */
async function listen(
  channel: Channel,
  trigger: Trigger,
): Promise<{ got: Promise<number[]> }> {
  // Without the check, which refuses patterns that RabbitMQ accepts but nobody means, such as a star beside letters.
  const settings = resolve({ exclusive: true });
  const { exchanges, bindings } = planFunction({
    name: "f",
    file: "f.ts",
    trigger,
    settings,
    origins: {},
    contract: {},
    bounds: { folder: "/", cwd: "/", realPath: (path) => path },
    code: {
      kind: "process",
      version: versionOf({
        entry: "/f.ts",
        root: "/",
        config: undefined,
        modules: new Map(),
        about: new Map(),
        packages: [],
      }),
      declares: "",
    },
  });
  for (const { name, type, durable } of exchanges) await channel.assertExchange(name, type, { durable });
  const { queue } = await channel.assertQueue("", { exclusive: true });
  await Promise.all(
    bindings.map(({ exchange, routingKey, arguments: args }) =>
      channel.bindQueue(queue, exchange, routingKey, args)
    ),
  );
  await channel.bindQueue(queue, end, "");
  const got: number[] = [];
  const { promise, resolve: finish } = Promise.withResolvers<number[]>();
  await channel.consume(queue, (message) => {
    if (message!.fields.exchange === end) finish(got);
    else got.push(Number(message!.content));
  }, { noAck: true });
  return { got: promise };
}

/** Which of the messages each trigger gets from the broker. */
async function route(url: string, triggers: Trigger[], messages: Routed[]): Promise<number[][]> {
  const connection = await connect(url, { noDelay: true });
  const channel = await connection.createChannel();
  await channel.assertExchange(end, "fanout", { durable: false });
  const listening = await Promise.all(triggers.map((trigger) => listen(channel, trigger)));
  for (const [i, { exchange, routingKey, headers }] of messages.entries()) {
    channel.publish(exchange, routingKey, Buffer.from(String(i)), { headers });
  }
  channel.publish(end, "", Buffer.from(""));
  const got = await Promise.all(listening.map(({ got }) => got));
  await connection.close();
  return got;
}

async function compare(triggers: Trigger[], messages: Routed[], seed: number) {
  await using vhost = await withVhost(rabbitmq!);
  const got = await route(vhost.url, triggers, messages);
  let reached = 0;
  for (const [t, trigger] of triggers.entries()) {
    const said = messages.flatMap((message, i) => reaches(trigger, message) ? [i] : []);
    const shown = (indices: number[]) => JSON.stringify(indices.map((i) => messages[i]));
    const only = (a: number[], b: number[]) => shown(a.filter((i) => !b.includes(i)));
    assert.deepEqual(
      got[t],
      said,
      `seed ${seed}, ${JSON.stringify(trigger)}: only RabbitMQ delivers ${only(got[t]!, said)}, ` +
        `only reaches() says ${only(said, got[t]!)}`,
    );
    reached += said.length;
  }
  assert.ok(reached > triggers.length, "The generated messages reach hardly anyone: nothing was compared");
}

/** What this version of RabbitMQ is expected to answer. */
async function expectedOf(rabbitmq: BrokerAddress) {
  await using vhost = await withVhost(rabbitmq);
  await using broker = await connectBroker(vhost.url);
  return broker.expected;
}

const newSeed = () => Math.floor(Math.random() * 2 ** 31);

Deno.test("Topic patterns match the same messages as in RabbitMQ", { ignore: !rabbitmq }, async () => {
  const { maxWildcards } = await expectedOf(rabbitmq!);
  const seed = newSeed();
  const isTaken = (pattern: string) =>
    pattern.split(".").filter((word) => word === "#").length <= maxWildcards;
  const patterns = fc.array(anyPattern.filter(isTaken), { minLength: 1, maxLength: 2 });
  const triggers = fc.sample(patterns, { numRuns: 300, seed })
    .map((patterns): Trigger => ({ kind: "topic", exchange: "topics", patterns }));
  const messages = [...new Set(fc.sample(anyKey, { numRuns: 300, seed }))]
    .map((routingKey) => ({ exchange: "topics", routingKey, headers: {} }));

  await compare(triggers, messages, seed);
});

Deno.test("Header matches match the same messages as in RabbitMQ", { ignore: !rabbitmq }, async () => {
  const seed = newSeed();
  const triggers = fc.sample(anyMatch, { numRuns: 200, seed })
    .map((match): Trigger => ({ kind: "headers", exchange: "reports", match }));
  const messages = fc.sample(someHeaders, { numRuns: 200, seed: seed + 1 })
    .map((headers) => ({ exchange: "reports", routingKey: "", headers }));

  await compare(triggers, messages, seed);
});
