/** Retry queues that are used for longer than their lease: no message is lost with them. */

import assert from "node:assert/strict";
import type { HelperQueue, Publisher } from "../../runtime/core/ports/amqp.ts";
import { HelperQueues } from "../../runtime/dispatch/settle/helper_queues.ts";
import { ConfirmedPublisher } from "../../runtime/link/publisher.ts";
import { Supervisor } from "../../runtime/link/supervisor.ts";
import { parseAmqpUri } from "../../runtime/link/uri.ts";
import { queue } from "../../runtime/mod.ts";
import { helpersOf } from "../../runtime/topology/helpers.ts";
import type { Broker } from "../support/amqp.ts";
import { declared } from "../support/declared.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

interface Retries {
  readonly broker: Broker;
  readonly publisher: Publisher;
  /** The queue in which messages of `q` wait for `ms`. */
  retry(ms: number): HelperQueue;
}

const lease = 600;

/** RabbitMQ checks this often, in milliseconds, whether a quorum queue has expired. */
const looksEvery = 5_000;

/** One test for each type of queue. The lease of its retry queues is 600 ms instead of an hour. */
function test(name: string, run: (retries: Retries) => Promise<void>): void {
  for (const queueType of ["classic", "quorum"] as const) {
    testOnBroker(`${name} (${queueType})`, async ({ broker, vhost }) => {
      await broker.channel.assertQueue("q", { arguments: { "x-queue-type": queueType } });
      const supervisor = new Supervisor({
        addresses: [parseAmqpUri(vhost.url)],
        name: "test publisher",
        role: "publisher",
        emit: () => {},
      });
      const publisher = new ConfirmedPublisher(supervisor);
      try {
        const { retry } = helpersOf(declared(queue("q", { queueType }, () => {})), "q", lease);
        await run({ broker, publisher, retry: (ms) => retry("q", ms) });
      } finally {
        await publisher.close();
        await supervisor.close();
      }
    });
  }
}

const letter = ({ name }: HelperQueue, body: string) => ({
  exchange: "",
  routingKey: name,
  body: new TextEncoder().encode(body),
  properties: { persistent: true },
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("Messages that are retried for longer than the lease of their retry queue all come back", async ({ broker, publisher, retry }) => {
  const waiting = retry(1_000);
  const queues = new HelperQueues(publisher);

  const sent: string[] = [];
  for (
    const until = performance.now() + looksEvery + 2 * lease;
    performance.now() < until;
    await pause(lease / 6)
  ) {
    sent.push(`${sent.length}`);
    await queues.publish(letter(waiting, sent.at(-1)!), waiting);
  }

  const back = (await broker.take("q", sent.length)).map(({ content }) => `${content}`);
  assert.deepEqual(back.toSorted(), sent.toSorted());
});

test("A message that reaches the broker after the lease has ended comes back", async ({ broker, publisher, retry }) => {
  const waiting = retry(2_000);
  let blockedMs = lease * 2;
  const queues = new HelperQueues({
    declareQueue: (queue) => publisher.declareQueue(queue),
    // As when the broker is out of memory.
    async publish(message) {
      await pause(blockedMs);
      blockedMs = 0;
      await publisher.publish(message);
    },
  });

  await queues.publish(letter(waiting, "late"), waiting);

  assert.equal(`${(await broker.next("q")).content}`, "late");
});
