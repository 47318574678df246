import assert from "node:assert/strict";
import { waits } from "../../runtime/client/delay/waits.ts";
import { inspect } from "../../runtime/client/inspect.ts";
import { type Client, connect } from "../../runtime/client/mod.ts";
import { waitName } from "../../runtime/core/ports/delayed.ts";
import { type Broker, connectBroker } from "../support/amqp.ts";
import type { FaultBroker } from "../support/fault_brokers.ts";
import { eventually } from "../support/eventually.ts";
import { full } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, takeAll } from "../support/load.ts";
import { onOwnBroker } from "../support/promises.ts";
import type { RabbitNode } from "../support/rabbitmq.ts";

const kills = full ? 20 : 2;
const each = full ? 1_000 : 500;
const many = full ? 100_000 : 5_000;

/** Sends a message for each id, with delays that end one after the other, and returns when all are confirmed. */
async function sendDelayed(
  hopper: Client,
  messageIds: readonly string[],
  first: number,
  last: number,
): Promise<void> {
  const step = (last - first) / messageIds.length;
  await Promise.all(
    messageIds.map((messageId, i) =>
      hopper.send("work", { messageId }, { messageId, delay: Math.round(first + i * step) })
    ),
  );
}

/** Makes all queues that delays of up to four seconds pass. */
async function makeQueues(node: FaultBroker): Promise<void> {
  {
    await using hopper = await connect(node.url);
    await sendDelayed(hopper, ids("first", 100), 20, 4_000);
  }
  // RabbitMQ 3.10 finds no leader for a quorum queue if its only node is killed moments after the queue was declared.
  await node.restart();
}

/** Waits until no message is in a wait any more. */
async function untilNoneWaits(node: FaultBroker): Promise<void> {
  await using inspection = await inspect(node.url, {});
  const queues = waits.flatMap(({ name }) => [name, `${name}-high`]).map(waitName);
  let left = Infinity;
  const look = async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    left = [...(await inspection.counts(queues)).values()].reduce((sum, count) => sum + count, 0);
  };
  await eventually("no message is in a wait", () => left === 0, look, () => [left], 120_000);
}

onOwnBroker(
  "P22",
  "A broker that is killed in the middle of delays loses none of them",
  async (node, report) => {
    await using ledger = await startLedger();
    await using _hopper = await startHopper({ functions: { work: ledger.worker("work") }, broker: node.url });
    await makeQueues(node);
    assert.deepEqual(await ledger.missing("ended", ids("first", 100)), []);

    const lost: string[] = [];
    for (let kill = 0; kill < kills; kill++) {
      const sent = ids(`round.${kill}`, each);
      await using hopper = await connect(node.url, { timeout: "30s" });
      await sendDelayed(hopper, sent, 200, 4_000);
      const before = (await ledger.ids("ended")).size;
      await ledger.until(
        "a third has arrived",
        async () => (await ledger.ids("ended")).size > before + each / 3,
      );
      await node.kill();
      await node.restart();
      lost.push(...await ledger.missing("ended", sent));
    }
    const ended = await ledger.count("ended");
    report({
      what: "broker killed while delayed messages move from wait to wait",
      goal: "lost 0",
      tried: { kills, messages: kills * each },
      confirmed: kills * each,
      lost: lost.length,
      duplicated: ended - (await ledger.ids("ended")).size,
    });
    assert.deepEqual(lost, []);
  },
);

onOwnBroker(
  "P22",
  "Delays pass while no runtime lives, through its kills and through deploys",
  async (node, report) => {
    await using ledger = await startLedger();
    {
      await using _hopper = await startHopper({
        functions: { work: ledger.worker("work") },
        broker: node.url,
      });
      await makeQueues(node);
    }
    const sent: string[] = [];
    await using client = await connect(node.url);
    for (let kill = 0; kill < kills; kill++) {
      const round = ids(`round.${kill}`, each);
      sent.push(...round);
      await using hopper = await startHopper({
        functions: { work: ledger.worker("work") },
        broker: node.url,
      });
      await hopper.event("ready");
      await sendDelayed(client, round, 200, 4_000);
      const before = (await ledger.ids("ended")).size;
      await ledger.until(
        "some have arrived",
        async () => (await ledger.ids("ended")).size > before + each / 10,
      );
      await hopper.write("work", `${ledger.worker("work")}\n// deployed again`);
      await hopper.event("deployed", { function: "work" });
      hopper.signal("SIGKILL");
      await hopper.exit();
    }
    // Without a runtime they arrive at their queue.
    await untilNoneWaits(node);
    {
      await using broker = await connectBroker(node.url);
      assert.ok(await broker.waiting("work") > 0);
    }
    await using _last = await startHopper({ functions: { work: ledger.worker("work") }, broker: node.url });
    const lost = await ledger.missing("ended", sent);
    report({
      what: "runtime killed, and a file deployed, while delays end",
      goal: "lost 0",
      tried: { kills, messages: sent.length },
      confirmed: sent.length,
      lost: lost.length,
      duplicated: await ledger.count("ended") - (await ledger.ids("ended")).size,
    });
    assert.deepEqual(lost, []);
  },
);

/** What a RabbitMQ says of itself; the embedded broker cannot be asked. */
async function sizeOf(node: FaultBroker): Promise<{ memory: number; queues: number } | undefined> {
  if (node.kind === "embedded") return undefined;
  const rabbitmq = node as unknown as RabbitNode;
  const names = (await rabbitmq.ctl("list_queues", "name")).split("\n");
  return {
    memory: Number(await rabbitmq.ctl("eval", "erlang:memory(total).")),
    queues: names.filter((name) => name.startsWith("hopper.delay")).length,
  };
}

/** Waits until so many messages are in their queue, or, once they are due, none has come for a minute. */
async function untilHere(broker: Broker, count: number, delay: number): Promise<void> {
  let heard = performance.now() + delay;
  for (let here = 0; here < count && performance.now() < heard + 60_000;) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const now = await broker.waiting("work");
    if (now > here) heard = Math.max(heard, performance.now());
    here = now;
  }
}

onOwnBroker(
  "P22",
  "Many delays wait in few queues, and all arrive",
  async (node, report) => {
    await using broker = await connectBroker(node.url);
    await broker.channel.assertQueue("work");
    const sent = ids("many", many);
    const batch = 5_000;
    const before = await sizeOf(node);
    const began = performance.now();
    // All of them are waiting at the same time.
    const delay = full ? 180_000 : 15_000;
    {
      await using hopper = await connect(node.url);
      for (let i = 0; i < many; i += batch) {
        await Promise.all(
          sent.slice(i, i + batch).map((messageId) => hopper.send("work", 1, { messageId, delay })),
        );
      }
    }
    const sendingMs = performance.now() - began;
    const waiting = await sizeOf(node);
    await untilHere(broker, many, delay);
    const lateMs = performance.now() - began - sendingMs - delay;
    const found = await takeAll(broker, "work", sent);
    report({
      what: `${many.toLocaleString("en")} delays wait at the same time`,
      goal: "lost 0",
      tried: { messages: many },
      confirmed: many,
      lost: many - new Set(found).size,
      duplicated: found.length - new Set(found).size,
      further: {
        "sent in s": sendingMs / 1000,
        "all here, s after the last was due": lateMs / 1000,
        ...before && waiting && {
          "broker's memory grew by MB": (waiting.memory - before.memory) / 2 ** 20,
          "queues": waiting.queues,
        },
      },
    });
    assert.ok((waiting?.queues ?? 0) < 10);
    assert.equal(new Set(found).size, many);
  },
);
