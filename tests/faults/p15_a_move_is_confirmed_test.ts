import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import type { FaultBroker } from "../support/fault_brokers.ts";
import { full } from "../support/figures.ts";
import { startCommand, startHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeAll, takeIds } from "../support/load.ts";
import { onOwnBroker } from "../support/promises.ts";

const kills = full ? 20 : 2;
/** For messages that the broker or a command moves. */
const killsOfOthers = full ? 20 : 1;

onOwnBroker(
  "P15",
  "A broker that is killed while messages are moved loses none of them",
  async (node, report) => {
    await using ledger = await startLedger();
    await using hopper = await startHopper({
      functions: {
        work: ledger.worker("work", {
          // They stay in the queue to which they are moved.
          options: { retry: { attempts: 3, delay: "1h", max: "1h" }, pause: false },
          does: `await new Promise((resolve) => setTimeout(resolve, 10));
          if (id.startsWith("dead")) throw new Reject("For good");
          throw new Error("Again");`,
        }),
      },
      broker: node.url,
    });
    const each = 1_000;
    const dead = ids("dead", kills * each);
    const retried = ids("retried", kills * each);

    for (let kill = 0; kill < kills; kill++) {
      const slice = (all: string[]) => all.slice(kill * each, (kill + 1) * each);
      const [first, second] = [slice(dead), slice(retried)];
      const sent = first.flatMap((id, index) => [id, second[index]!]);
      await killWhile(node, sent, () => hopper.further(["dead-lettered", "retrying"], 300));
    }

    await using broker = await connectBroker(node.url);
    const found = [
      ...await takeAll(broker, "work.dead", dead),
      ...await takeAll(broker, "work.retry.3600000", retried),
    ];
    const kept = new Set(found);
    const lost = [...dead, ...retried].filter((id) => !kept.has(id));
    report({
      what: "broker killed while messages move to retries and dead letters",
      goal: "lost 0",
      tried: { kills, messages: dead.length + retried.length },
      confirmed: dead.length + retried.length,
      lost: lost.length,
      duplicated: found.length - kept.size,
      further: { moves: hopper.count("dead-lettered") + hopper.count("retrying") },
    });
    assert.deepEqual(lost, []);
  },
);

/**
 * The broker itself moves messages back from a retry queue. RabbitMQ removes an expired message from a classic queue
 * without waiting until the next queue has it, so a kill between the two loses it, with or without Hopper. For a quorum
 * queue it does wait.
 */
for (const queueType of ["classic", "quorum"] as const) {
  onOwnBroker(
    "P15",
    `A broker that is killed while messages return from retry queues loses none: ${queueType} queue`,
    async (node, report) => {
      await using ledger = await startLedger();
      await using hopper = await startHopper({
        functions: {
          work: ledger.worker("work", {
            options: { queueType, retry: { attempts: 3, delay: "200ms", factor: 1 }, pause: false },
            does: `if (ctx.attempt < 3) throw new Error("Again");`,
          }),
        },
        broker: node.url,
      });
      // After this the queues exist on disk: RabbitMQ 3.10 finds no leader for a quorum queue if its only node is killed
      // moments after the queue was declared.
      const first = ids("first", 1);
      {
        await using broker = await connectBroker(node.url);
        await sendAll(broker, "work", first);
      }
      assert.deepEqual(await ledger.missing("ended", first), []);
      await node.restart();

      const each = 1_000;
      const lost: string[] = [];
      const unexplained: string[] = [];

      for (let kill = 0; kill < killsOfOthers; kill++) {
        const sent = ids(`round.${kill}`, each);
        const killed = await killWhile(node, sent, () => hopper.further(["retrying"], 300));
        // The log line came a moment after the event.
        const due = new Map(
          hopper.logged("retrying").map(({ messageId, time, retryMs }) => [
            String(messageId),
            Date.parse(time) + Number(retryMs),
          ]),
        );
        const missing = await ledger.missing("ended", sent, { quiet: 15_000 });
        lost.push(...missing);
        unexplained.push(...missing.filter((id) => !(due.get(id)! <= killed + 1000)));
      }

      const mayLose = node.kind === "rabbitmq" && queueType === "classic";
      report({
        what: `broker killed while retries come back, which it moves itself, ${queueType} queue`,
        goal: mayLose ? "lost 0 but of those it was moving" : "lost 0",
        tried: { kills: killsOfOthers, messages: killsOfOthers * each },
        confirmed: killsOfOthers * each,
        lost: lost.length,
        duplicated: await ledger.count("ended") - (await ledger.ids("ended")).size,
        further: { "lost otherwise": unexplained.length },
      });
      assert.deepEqual(unexplained, []);
      if (!mayLose) assert.deepEqual(lost, []);
    },
  );
}

/**
 * Sends messages, kills the broker while something happens to them, and starts it again. Returns the time of the kill
 * (ms since the epoch).
 */
async function killWhile(
  node: FaultBroker,
  sent: readonly string[],
  goesOn: () => Promise<void>,
): Promise<number> {
  {
    await using broker = await connectBroker(node.url);
    const going = goesOn();
    await sendAll(broker, "work", sent);
    await going;
  }
  await node.kill();
  const killed = Date.now();
  await node.restart();
  return killed;
}

onOwnBroker(
  "P15",
  "A broker that is killed while dead letters are replayed loses none of them",
  async (node, report) => {
    const sent = ids("letter", killsOfOthers * 1_000);
    {
      await using broker = await connectBroker(node.url);
      for (const queue of ["work", "work.dead"]) await broker.channel.assertQueue(queue);
      await sendAll(broker, "work.dead", sent);
    }
    const replay = ["dead", "replay", "work", "--yes", "--max", `${sent.length}`, "--broker", node.url];
    const left = async () => {
      await using broker = await connectBroker(node.url);
      return await broker.waiting("work.dead");
    };

    for (let kill = 0; kill < killsOfOthers; kill++) {
      const most = await left() - 300;
      await using command = startCommand(replay, {});
      while (await left() > most && !command.ended);
      await node.kill();
      await node.restart();
      // The command may find the broker again, or give up: what it has not replayed is still there.
      await command.exit({ timeout: 60_000 });
    }
    // One after the other, waiting for each confirm.
    await using last = startCommand(replay, {});
    const { code, stderr } = await last.exit({ timeout: 120_000 });

    await using broker = await connectBroker(node.url);
    const kept = await takeIds(broker, "work.dead");
    const replayed = await takeIds(broker, "work");
    const found = new Set([...kept, ...replayed]);
    const lost = sent.filter((id) => !found.has(id));
    report({
      what: "broker killed while dead letters are replayed",
      goal: "lost 0",
      tried: { kills: killsOfOthers, messages: sent.length },
      confirmed: sent.length,
      lost: lost.length,
      duplicated: replayed.length + kept.length - found.size,
      further: { "not replayed": kept.length },
    });
    assert.equal(code, 0, stderr);
    assert.deepEqual(lost, []);
    assert.deepEqual(kept, []);
  },
);
