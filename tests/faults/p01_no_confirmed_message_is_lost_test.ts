import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { type Found, full } from "../support/figures.ts";
import { type Entry, type Ledger, startLedger } from "../support/ledger.ts";
import { takeIds } from "../support/load.ts";
import { type Program, start } from "../support/process.ts";
import { onCluster, onOwnBroker, type Report } from "../support/promises.ts";

const kills = full ? 20 : 2;
const messages = full ? 1_000_000 : 40_000;

onOwnBroker(
  "P1",
  "A broker that is killed during publishing loses no confirmed message",
  async (broker, report) => {
    await using ledger = await startLedger();
    await declare(broker.url, "kept", "classic");
    await using publisher = publish(broker.url, ledger, { count: messages, everyMs: 0 });
    const seconds: number[] = [];

    for (let kill = 0; kill < kills; kill++) {
      await ledger.said("confirmed", Math.floor((messages * (kill + 0.5)) / kills));
      await broker.kill();
      const killed = Date.now();
      await broker.restart();
      const up = Date.now();
      seconds.push(Math.max(0, (await nextConfirm(ledger, killed)).at - up) / 1000);
    }
    await publisher.line("done", { timeout: 600_000 });

    await judge(broker.url, ledger, report, {
      what: "broker killed while it is published to",
      tried: { kills, messages },
      healed: Math.max(...seconds),
    });
  },
);

onCluster(
  "P3",
  "When the leader of a quorum queue is killed, no confirmed message is lost, and publishing continues",
  async (cluster, report) => {
    await using ledger = await startLedger();
    await declare(cluster.nodes[0]!.url, "kept", "quorum");
    await using publisher = publish(cluster.url, ledger, { count: Number.MAX_SAFE_INTEGER, everyMs: 25 });
    const seconds: number[] = [];

    for (let kill = 0; kill < kills; kill++) {
      const leader = await cluster.leaderOf("kept");
      await ledger.said("confirmed", await ledger.count("confirmed") + 2000);
      await leader.kill();
      const killed = Date.now();
      seconds.push(((await nextConfirm(ledger, killed)).at - killed) / 1000);
      await leader.restart();
    }
    publisher.signal("SIGTERM");
    const tried = Number((await publisher.line("done", { timeout: 60_000 })).split(" ")[1]);

    const slowest = Math.max(...seconds);
    const what = "quorum leader killed while it is published to, three nodes";
    report({ what, goal: "the next confirm within 5 s (p99)", tried: { kills }, healed: slowest });
    await judge(cluster.nodes[0]!.url, ledger, report, { what, tried: { kills, messages: tried } });
    assert.ok(slowest <= 5, `${slowest} s`);
  },
);

async function declare(url: string, queue: string, type: "classic" | "quorum"): Promise<void> {
  await using broker = await connectBroker(url);
  await broker.channel.assertQueue(queue, { durable: true, arguments: { "x-queue-type": type } });
}

function publish(url: string, ledger: Ledger, pace: { count: number; everyMs: number }): Program {
  const program = new URL("../support/publisher_program.ts", import.meta.url).pathname;
  const options = { url, queue: "kept", ledger: ledger.url, window: 50, bytes: 100, ...pace };
  return start(Deno.execPath(), ["run", "-A", program, JSON.stringify(options)]);
}

/** The first message that was confirmed by a broker that did not exist when the last one was killed. */
async function nextConfirm(ledger: Ledger, killed: number): Promise<Entry> {
  // The publisher may read the last confirms after the broker is gone.
  const isNext = ({ what, at }: Entry) => what === "confirmed" && at > killed + 100;
  // There are a million of them, and the new ones are at the end.
  const come = async () => (await ledger.entries()).slice(-100).some(isNext);
  await ledger.until("a message confirmed after the kill", come);
  return (await ledger.entries()).find(isNext)!;
}

async function judge(
  url: string,
  ledger: Ledger,
  report: Report,
  { tried, ...found }: Pick<Found, "what" | "healed"> & { tried: { kills: number; messages: number } },
): Promise<void> {
  await using broker = await connectBroker(url);
  const copies = await takeIds(broker, "kept");
  const kept = new Set(copies);
  const confirmed = await ledger.ids("confirmed");
  const refused = await ledger.ids("refused");
  const lost = [...confirmed].filter((id) => !kept.has(id)).length;
  report({
    ...found,
    promise: "P1",
    goal: "lost 0",
    tried,
    confirmed: confirmed.size,
    lost,
    duplicated: copies.length - kept.size,
    further: { "told of a failure": refused.size },
  });
  assert.equal(confirmed.size + refused.size, tried.messages, "each message has an outcome");
  assert.equal(lost, 0);
}
