/** A broker with a memory alarm takes no messages: publishing fails at once, and works again after the alarm. */

import assert from "node:assert/strict";
import { Calls } from "../../runtime/client/calls.ts";
import { ServedRpcs } from "../../runtime/client/served.ts";
import { BrokerBlocked, PublishFailed } from "../../runtime/core/ports/amqp_errors.ts";
import { ConfirmedPublisher, type PublisherLimits } from "../../runtime/link/publisher.ts";
import { Supervisor } from "../../runtime/link/supervisor.ts";
import { parseAmqpUris } from "../../runtime/link/uri.ts";
import { type Broker, connectBroker } from "../support/amqp.ts";
import { leaveOutRabbitmq, rabbitmqInstalled, type RabbitNode, startRabbitmq } from "../support/rabbitmq.ts";

// Its own node, because an alarm would block all other tests.
const node = rabbitmqInstalled() ? await startRabbitmq() : leaveOutRabbitmq();
Deno.test.afterAll(() => node?.[Symbol.asyncDispose]());

/** A publisher to a new queue, and the connection of another program, which is never blocked because it only reads. */
interface Bench {
  readonly node: RabbitNode;
  readonly broker: Broker;
  readonly link: Supervisor;
  readonly publisher: ConfirmedPublisher;
  readonly queue: string;
  send(text: string, how?: { patient?: boolean; body?: Uint8Array }): Promise<void>;
  /** Ids of the messages in the queue. */
  arrived(): Promise<string[]>;
}

function test(name: string, run: (bench: Bench) => Promise<void>, limits: Partial<PublisherLimits> = {}) {
  Deno.test(name, { ignore: !node }, async () => {
    await using broker = await connectBroker(node!.url);
    const { queue } = await broker.channel.assertQueue("", { exclusive: true });
    const link = new Supervisor({
      addresses: parseAmqpUris(node!.url),
      name: "test publisher",
      role: "publisher",
      emit: () => {},
    });
    const publisher = new ConfirmedPublisher(link, limits);
    try {
      await run({
        node: node!,
        broker,
        link,
        publisher,
        queue,
        send: (text, { patient, body = new Uint8Array(10) } = {}) =>
          publisher.publish({
            exchange: "",
            routingKey: queue,
            body,
            properties: { messageId: text },
            patient,
          }),
        arrived: async () =>
          (await broker.take(queue, await broker.waiting(queue))).map(({ properties }) =>
            properties.messageId
          ),
      });
    } finally {
      await alarm(false);
      await publisher.close();
      await link.close();
    }
  });
}

async function alarm(on: boolean): Promise<void> {
  await node!.ctl("set_vm_memory_high_watermark", on ? "0" : "0.4");
}

test("Publishing to a blocked broker fails at once, and works again after the alarm", async (bench) => {
  const { send, arrived } = bench;
  await send("before");
  await alarm(true);

  // The broker reports that it is blocked only when something is published.
  await assert.rejects(send("under way"), (error) => error instanceof BrokerBlocked && error.sent);
  await assert.rejects(send("while blocked"), {
    code: "BROKER_BLOCKED",
    message: "The broker takes no messages now (low on memory); try again once its alarm is over",
  });

  await alarm(false);
  await resumes(bench);
  assert.deepEqual((await arrived()).filter((id) => id !== "after"), ["before", "under way"]);
});

test("All unconfirmed messages fail at once when the broker blocks", async ({ send }) => {
  await alarm(true);

  const results = await Promise.allSettled(Array.from({ length: 500 }, (_, i) => send(`${i}`)));

  assert.ok(
    results.every((result) => result.status === "rejected" && result.reason instanceof BrokerBlocked),
  );
});

test("A message that is moved waits until the broker is no longer blocked, and arrives once", async (bench) => {
  const { send, arrived } = bench;
  await send("before");
  await alarm(true);

  const moving = send("moved", { patient: true });
  await assert.rejects(send("other"), BrokerBlocked);
  await alarm(false);
  await moving;

  await resumes(bench);
  assert.equal((await arrived()).filter((id) => id === "moved").length, 1);
});

test("A call over a blocked connection fails at once", async ({ link, send }) => {
  const calls = new Calls(link, new ServedRpcs(link));
  await alarm(true);
  await assert.rejects(send("under way"), BrokerBlocked);

  await assert.rejects(calls.call("fib", 1, { timeout: "1h" }), BrokerBlocked);
  await calls.close();
});

test(
  "The bytes of unconfirmed messages are limited, and one message more is refused with the reason",
  async ({ send }) => {
    const body = new Uint8Array(1000);
    const results = await Promise.allSettled(Array.from({ length: 6 }, (_, i) => send(`${i}`, { body })));

    assert.deepEqual(results.map(({ status }) => status), [
      ...Array(4).fill("fulfilled"),
      "rejected",
      "rejected",
    ]);
    const { reason } = results[5] as PromiseRejectedResult;
    assert.ok(reason instanceof PublishFailed);
    assert.match(
      reason.message,
      /4 messages of 4000 bytes are unconfirmed already; await some of them first$/,
    );
  },
  { bytes: 4500 },
);

test("A message that is larger than the limit is sent alone", async ({ send, arrived }) => {
  await send("large", { body: new Uint8Array(10_000) });

  assert.deepEqual(await arrived(), ["large"]);
}, { bytes: 4500 });

/** Sends until the broker takes messages again, which it reports on each connection at a different time. */
async function resumes({ send, broker, queue }: Bench): Promise<void> {
  for (;;) {
    try {
      return await send("after");
    } catch (error) {
      if (!(error instanceof BrokerBlocked)) throw error;
      await broker.waiting(queue);
    }
  }
}
