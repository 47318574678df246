import assert from "node:assert/strict";
import { refused } from "../support/contract.ts";
import { address, contractBrokers } from "../support/contract_brokers.ts";
import { startEmbedded } from "../support/contract_embedded.ts";
import { startRabbitmq } from "../support/rabbitmq.ts";
import { type WireChannel, WireConnection } from "../support/wire_connection.ts";

/** Its own broker, because an alarm stops all publishers. */
type AlarmedBroker = AsyncDisposable & {
  url: string;
  /** Makes its memory low, or free again. */
  exhaust(): Promise<unknown>;
  relieve(): Promise<unknown>;
};

const MAX_BODY = 100_000;

const starters: Record<string, () => Promise<AlarmedBroker>> = {
  rabbitmq: async () => {
    const node = await startRabbitmq({ conf: [`max_message_size = ${MAX_BODY}`] });
    return {
      url: node.url,
      exhaust: () => node.ctl("set_vm_memory_high_watermark", "0.000001"),
      relieve: () => node.ctl("set_vm_memory_high_watermark", "0.9"),
      [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
    };
  },
  embedded: async () => {
    const broker = await startEmbedded({ limits: { memory: 1_000_000, bodySize: MAX_BODY } });
    // The publishing connection is blocked itself, so another one makes room.
    const [hog, cleaner] = [await WireConnection.open(broker), await WireConnection.open(broker)];
    const [publishing, purging] = [await hog.channel(), await cleaner.channel()];
    const { queue } = await purging.call("queue.declare", { queue: "hoard" });
    return {
      url: broker.url,
      exhaust: () => fill(publishing, queue as string),
      relieve: () => purging.call("queue.purge", { queue }),
      [Symbol.asyncDispose]: async () => {
        await cleaner.close();
        await hog.close();
        broker.stop();
      },
    };
  },
};

/** Publishes until the broker blocks. */
async function fill(channel: WireChannel, queue: string): Promise<void> {
  for (let i = 0; i < 11; i++) await channel.publish("", queue, new Uint8Array(MAX_BODY));
  await channel.connection.expect("connection.blocked");
}

for (const { name, missing } of contractBrokers()) {
  Deno.test(
    `${name}: When memory is low publishers wait, other clients do not, and large bodies are refused`,
    {
      ignore: missing,
    },
    async (t) => {
      await using broker = await starters[name]!();
      const at = address(broker.url);
      await using publisher = await WireConnection.open(at);
      await using consumer = await WireConnection.open(at);
      await using older = await WireConnection.open(at, { capabilities: {} });
      const [publishing, consuming] = [await publisher.channel(), await consumer.channel()];
      const { queue } = await consuming.call("queue.declare", { exclusive: true });
      await consuming.call("basic.consume", { queue });
      await publishing.call("confirm.select");
      await broker.exhaust();

      await t.step("A publisher gets connection.blocked, and waits", async () => {
        await publishing.publish("", queue as string, "1");
        assert.deepEqual((await publisher.expect("connection.blocked")).args, { reason: "low on memory" });
        await publishing.publish("", queue as string, "2");
      });
      await t.step("A publisher without the capability gets no connection.blocked, and waits", async () => {
        await (await older.channel()).publish("", queue as string, "3");
      });
      await t.step("A client that does not publish keeps working", async () => {
        await consuming.call("queue.bind", { queue, exchange: "amq.fanout" });
        await consuming.call("basic.qos", { prefetchCount: 10 });
        await using newcomer = await WireConnection.open(at);
        await (await newcomer.channel()).call("basic.qos");
      });
      await t.step("When memory is free again, all waiting messages arrive", async () => {
        await broker.relieve();
        await publisher.expect("connection.unblocked");
        assert.deepEqual((await consuming.bodies(3)).sort(), ["1", "2", "3"]);
        while ((await publishing.next("basic.ack")).args.deliveryTag !== 2);
        assert.deepEqual([older.inbox.items, consumer.inbox.items], [[], []]);
      });
      await t.step("A body above the maximum is refused", async () => {
        await publishing.publish("", "nobody", new Uint8Array(MAX_BODY));
        await publishing.next("basic.ack");
        await publishing.publish("", "nobody", new Uint8Array(MAX_BODY + 1));
        await refused(
          publishing.refused(),
          406,
          `PRECONDITION_FAILED - message size ${MAX_BODY + 1} is larger than configured max size ${MAX_BODY}`,
        );
      });
    },
  );
}
