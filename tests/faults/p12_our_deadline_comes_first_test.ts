import assert from "node:assert/strict";
import { type Broker, connectBroker } from "../support/amqp.ts";
import { eventually } from "../support/eventually.ts";
import { full } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeIds } from "../support/load.ts";
import { onOwnBroker } from "../support/promises.ts";
import type { RabbitNode } from "../support/rabbitmq.ts";

const name = "Runs time out, and waiting messages go back, before the broker's consumer_timeout";
onOwnBroker("P12", name, async (node, report) => {
  await using broker = await connectBroker(node.url);
  await using ledger = await startLedger();
  await using hopper = await startHopper({
    functions: {
      work: ledger.worker("work", {
        // RabbitMQ 4.3 has this limit for quorum queues only.
        options: { queueType: "quorum", prefetch: 20, concurrency: 2, retry: false },
        does: `if (id.startsWith("endless")) await new Promise(() => {});
          await new Promise((resolve) => setTimeout(resolve, 200));`,
      }),
    },
    config: `export default { defaults: { consumerTimeout: "20s", timeout: "3s" } };`,
    broker: node.url,
  });
  const endless = ids("endless", full ? 32 : 16);
  const quick = ids("quick", endless.length * 5);
  const sent = endless.flatMap((id, index) => [id, ...quick.slice(index * 5, index * 5 + 5)]);
  await sendAll(broker, "work", sent);

  const unhandled = await ledger.missing("ended", quick);
  await hopper.events("dead-lettered", endless.length, {}, { timeout: 90_000 });

  const dead = await takeIds(broker, "work.dead");
  const closes = hopper.logged("detached").length;
  report({
    what: "handlers that never end, at a consumer_timeout of 20 s",
    goal: "0 closes or cancels by the broker",
    tried: { endless: endless.length, quick: quick.length },
    confirmed: sent.length,
    lost: unhandled.length + endless.filter((id) => !dead.includes(id)).length,
    duplicated: await ledger.count("started") - sent.length,
    further: { "closes and cancels": closes, "timed out": dead.length },
  });
  assert.deepEqual(unhandled, []);
  assert.equal(closes, 0);
  assert.deepEqual(dead.toSorted(), endless.toSorted());
  await doesTakeAway(broker);
}, {
  except: { embedded: "it has no consumer_timeout" },
  rabbitmq: {
    conf: ["consumer_timeout = 20000"],
    // How often the broker checks its consumers.
    advanced: "[{rabbit, [{channel_tick_interval, 1000}]}].",
  },
});

onOwnBroker(
  "P12",
  "A schedule's memory is renewed before the broker's consumer_timeout, so that its consumer stays",
  async (node, report) => {
    const timeoutMs = 4_000;
    await using broker = await connectBroker(node.url);
    await using _hopper = await startHopper({
      functions: {
        yearly: `import { schedule } from "hopper";
          export default schedule("0 3 1 1 *", { queueType: "quorum", timezone: "UTC" }, () => {});`,
      },
      config:
        `export default { defaults: { consumerTimeout: ${timeoutMs}, timeout: "1s", setupTimeout: "1s" } };`,
      broker: node.url,
    });
    const rabbitmq = node as unknown as RabbitNode;
    /** The consumer of the memory, and its channel. */
    const consumer = async () => {
      const lines = await rabbitmq.ctl("list_consumers", "queue_name", "channel_pid", "consumer_tag");
      return lines.split("\n").filter((line) => line.startsWith("yearly.schedule"));
    };
    let before: string[] = [];
    const look = async () => void (before = await consumer());
    await eventually("the memory has its consumer", () => before.length === 1, look, () => before, 60_000);
    const periods = full ? 10 : 3;
    for (let period = 0; period < periods; period++) await doesTakeAway(broker, `control ${period}`);
    const after = await consumer();
    report({
      what: `a schedule's memory, at a consumer_timeout of ${timeoutMs / 1000} s`,
      goal: "0 consumers taken away",
      tried: { "times a late consumer was taken away": periods },
      lost: 0,
      further: { "of the memory": before.join() === after.join() ? 0 : 1 },
    });
    assert.deepEqual(after, before);
  },
  {
    except: { embedded: "it has no consumer_timeout" },
    rabbitmq: {
      conf: ["consumer_timeout = 4000"],
      advanced: "[{rabbit, [{channel_tick_interval, 500}]}].",
    },
  },
);

/**
 * Checks that this broker takes a message away from a late consumer, because otherwise the test would show nothing: it
 * closes the channel, or cancels the consumer as RabbitMQ 4.3 does.
 */
async function doesTakeAway(broker: Broker, queue = "control"): Promise<void> {
  await broker.channel.assertQueue(queue, { arguments: { "x-queue-type": "quorum" } });
  await sendAll(broker, queue, ["late"]);
  const channel = await broker.connection.createChannel();
  const { promise, resolve } = Promise.withResolvers<string>();
  channel.on("error", ({ message }: Error) => resolve(message));
  await channel.consume(queue, (message) => {
    if (message === null) resolve("cancelled");
  });
  assert.match(await promise, /PRECONDITION_FAILED - delivery acknowledgement .* timed out|^cancelled$/);
}
