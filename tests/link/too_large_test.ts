/** A broker closes the channel when a body is too large: only that message fails. */

import assert from "node:assert/strict";
import { startBroker } from "../../runtime/broker/mod.ts";
import { MessageTooLarge, PublishFailed } from "../../runtime/core/ports/amqp_errors.ts";
import { ConfirmedPublisher } from "../../runtime/link/publisher.ts";
import { sizeLimitIn } from "../../runtime/link/size_limit.ts";
import { Supervisor } from "../../runtime/link/supervisor.ts";
import { parseAmqpUris } from "../../runtime/link/uri.ts";
import { type Broker, connectBroker } from "../support/amqp.ts";
import { leaveOut, rabbitmqInstalled, startRabbitmq } from "../support/rabbitmq.ts";

const MiB = 2 ** 20;

function supervise(url: string): Supervisor & AsyncDisposable {
  const link = new Supervisor({
    addresses: parseAmqpUris(url),
    name: "test publisher",
    role: "publisher",
    emit: () => {},
  });
  return Object.assign(link, { [Symbol.asyncDispose]: () => link.close() });
}

const bytes = (size: number) => ({
  exchange: "",
  routingKey: "q",
  body: new Uint8Array(size),
  properties: { messageId: `${size}` },
});

/** A broker that takes bodies up to this size. */
async function withLimit(
  start: (limit: number) => Promise<{ url: string } & AsyncDisposable>,
  limit: number,
  run: (publisher: ConfirmedPublisher, broker: Broker) => Promise<void>,
) {
  await using node = await start(limit);
  await using broker = await connectBroker(node.url);
  await broker.channel.assertQueue("q", { durable: true });
  await using link = supervise(node.url);
  const publisher = new ConfirmedPublisher(link);
  await run(publisher, broker);
  await publisher.close();
}

const available = rabbitmqInstalled() || leaveOut("RabbitMQ", "rabbitmq-server");
const brokers = {
  RabbitMQ: {
    ignore: !available,
    start: (limit: number) => startRabbitmq({ conf: [`max_message_size = ${limit}`] }),
  },
  "The embedded broker": {
    ignore: false,
    start: (limit: number) =>
      startBroker({ port: 0, memory: true, limits: { bodySize: limit, memory: 1024 * MiB } }),
  },
};

for (const [name, { ignore, start }] of Object.entries(brokers)) {
  Deno.test(
    `${name}: A message that is too large does not affect the messages around it`,
    { ignore },
    () =>
      withLimit(start, 17 * MiB, async (publisher, broker) => {
        const beside = (from: number) =>
          Array.from({ length: 50 }, (_, i) => publisher.publish(bytes(from + i)));
        const before = beside(0);
        const tooLarge = publisher.publish(bytes(17 * MiB + 1));
        const behind = beside(50);
        await assert.rejects(tooLarge, (error) => {
          assert.ok(error instanceof MessageTooLarge && error instanceof PublishFailed);
          assert.deepEqual([error.size, error.limit], [17 * MiB + 1, 17 * MiB]);
          assert.match(error.message, /its body has 17825793 bytes and this broker takes 17825792 at most/);
          return true;
        });
        await Promise.all([...before, ...behind]);
        await publisher.publish(bytes(17 * MiB));

        const ids = (await broker.take("q", 101)).map(({ properties }) => properties.messageId);
        assert.equal(new Set(ids).size, 101);
        assert.equal(await broker.waiting("q"), 0);
      }),
  );

  Deno.test(
    `${name}: A message beyond a low limit is refused each time, and smaller ones are sent`,
    { ignore },
    () =>
      withLimit(start, 1000, async (publisher, broker) => {
        for (let tries = 0; tries < 3; tries++) {
          await assert.rejects(publisher.publish(bytes(1001)), MessageTooLarge);
          await publisher.publish(bytes(1000));
        }
        assert.equal((await broker.take("q", 3)).length, 3);
      }),
  );
}

Deno.test("The size limit is read from the broker's error, and from no other text", () => {
  const said = (text: string) => sizeLimitIn(`PRECONDITION_FAILED - ${text}`);
  assert.equal(said("message size 17825793 is larger than max size 16777216"), 16_777_216);
  assert.equal(said("message size 1001 is larger than configured max size 1000"), 1000);
  assert.equal(said("invalid expiration '1': no_integer"), undefined);
});
