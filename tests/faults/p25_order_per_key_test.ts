/** Messages of one key are handled one after the other, through kills, deploys and scaling. */

import assert from "node:assert/strict";
import { type Broker, connectBroker } from "../support/amqp.ts";
import type { FaultBroker } from "../support/fault_brokers.ts";
import { full } from "../support/figures.ts";
import { type Hopper, startHopper } from "../support/hopper.ts";
import { type Entry, type Ledger, startLedger } from "../support/ledger.ts";
import { takeIds } from "../support/load.ts";
import { onOwnBroker, type Report } from "../support/promises.ts";

const times = full ? 20 : 3;
const keys = 10;
/** How many messages are handled between two faults. */
const between = 100;

/** What a fault may work with. */
interface Scene {
  readonly node: FaultBroker;
  readonly ledger: Ledger;
  readonly hoppers: Hopper[];
  readonly start: () => Promise<Hopper>;
  /** The function with another setting. */
  readonly source: (prefetch: number) => string;
  readonly time: number;
}

const faults: Record<string, (scene: Scene) => Promise<void>> = {
  "the runtime is killed": async ({ hoppers, start, time }) => {
    const which = time % hoppers.length;
    hoppers[which]!.signal("SIGKILL");
    await hoppers[which]!.exit();
    await hoppers[which]![Symbol.asyncDispose]();
    hoppers[which] = await start();
  },
  "the function's process is killed": async ({ ledger, time }) => {
    const alive = async () => {
      const pids = (await ledger.entries("host")).map(({ id }) => id);
      return [...new Set(pids)].at(-1 - time % 2) ?? pids.at(-1);
    };
    try {
      Deno.kill(Number(await alive()), "SIGKILL");
    } catch (error) {
      // It was killed before, and its successor has not run a message yet.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  },
  "the broker is killed": async ({ node }) => {
    await node.kill();
    await node.restart();
  },
  "the file is replaced": async ({ hoppers, source, time }) => {
    await Promise.all(hoppers.map((hopper) => hopper.write("work", source(21 + time))));
  },
  "a runtime comes or goes": async ({ hoppers, start, time }) => {
    if (time % 2 === 0) return void hoppers.push(await start());
    const first = hoppers.shift()!;
    await first.stop();
    await first[Symbol.asyncDispose]();
  },
};

/** Sends the next messages of every key in their order, and returns their ids. */
async function send(broker: Broker, from: number, count: number): Promise<string[]> {
  const sent = Array.from({ length: count * keys }, (_, i) => `${i % keys}.${from + Math.floor(i / keys)}`);
  await Promise.all(sent.map((messageId) => {
    const body = JSON.stringify({ key: messageId.split(".")[0] });
    return broker.send("work", body, { messageId, persistent: true, contentType: "application/json" });
  }));
  return sent;
}

/** The messages that began before the one before them of the same key had ended. */
function outOfOrder(entries: readonly Entry[]): string[] {
  const [begun, ended] = [new Set<string>(), new Set<string>()];
  const wrong: string[] = [];
  for (const { what, id } of entries) {
    if (what === "ended") ended.add(id);
    if (what !== "started" || begun.has(id)) continue;
    begun.add(id);
    const [key, n] = id.split(".") as [string, string];
    if (n !== "0" && !ended.has(`${key}.${Number(n) - 1}`)) wrong.push(id);
  }
  return wrong;
}

async function run(
  what: string,
  fault: (scene: Scene) => Promise<void>,
  node: FaultBroker,
  report: Report,
): Promise<void> {
  await using ledger = await startLedger();
  const source = (prefetch: number) =>
    ledger.worker("work", {
      options: { prefetch, order: { by: "key", shards: 4 }, pause: false },
      does: `await note("host", String(Deno.pid));
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (id.endsWith("3") && ctx.attempt === 1) throw new Retry({ after: 20 });`,
    });
  const start = () => startHopper({ functions: { work: source(20) }, broker: node.url });
  const hoppers = [await start(), await start()];
  const sent: string[] = [];
  const feed = async () => {
    await using broker = await connectBroker(node.url);
    sent.push(...await send(broker, sent.length / keys, 2 * between / keys));
  };
  try {
    await feed();
    for (let time = 0; time < times; time++) {
      await feed();
      const ended = await ledger.count("ended");
      await ledger.said("ended", Math.min(sent.length, ended + between / 2));
      await fault({ node, ledger, hoppers, start, source, time });
      await ledger.said("ended", ended + between);
    }
    const unhandled = await ledger.missing("ended", sent);
    const entries = await ledger.entries();
    const wrong = outOfOrder(entries);
    // Each message that asks for it is run twice anyway.
    const retried = sent.filter((id) => id.endsWith("3")).length;
    const again = await ledger.count("started") - (await ledger.ids("started")).size - retried;
    await using broker = await connectBroker(node.url);
    const dead = await takeIds(broker, "work.dead");
    report({
      what: `order per key, ${what}`,
      goal: "0 out of order, lost 0",
      tried: { faults: times, messages: sent.length, keys },
      confirmed: sent.length,
      lost: unhandled.length,
      further: { "out of order": wrong.length, "run again by the fault": again },
    });
    assert.deepEqual(wrong, []);
    assert.deepEqual(unhandled, []);
    assert.deepEqual(dead, []);
  } finally {
    await Promise.all(hoppers.map((hopper) => hopper[Symbol.asyncDispose]()));
  }
}

for (const [what, fault] of Object.entries(faults)) {
  onOwnBroker(
    "P25",
    `Messages of one key are handled one after the other, and none is lost, while ${what}`,
    (node, report) => run(what, fault, node, report),
  );
}
