import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { startCluster } from "../support/cluster.ts";
import { full, report } from "../support/figures.ts";
import { countBy, type Ledger, startLedger } from "../support/ledger.ts";
import { takeIds } from "../support/load.ts";
import { type Program, start } from "../support/process.ts";
import { type RabbitNode, startRabbitmq } from "../support/rabbitmq.ts";

const kills = full ? 20 : 3;
const messages = full ? 1_000_000 : 60_000;

Deno.test("A broker that is killed while it is published to loses nothing that was confirmed", async () => {
  await using node = await startRabbitmq();
  await using ledger = await startLedger();
  await declare(node.url, "kept", "classic");
  await using publisher = publish(node.url, ledger, { count: messages, everyMs: 0 });

  for (let kill = 0; kill < kills; kill++) {
    await confirmed(ledger, Math.floor((messages * (kill + 0.5)) / kills));
    await node.kill();
    await node.restart();
  }
  await publisher.line("done", { timeout: 600_000 });

  await judge("broker killed while publishing, classic queue", node.url, ledger, kills, messages);
});

Deno.test("A leader that is killed loses nothing that was confirmed, and publishing goes on", async () => {
  await using cluster = await startCluster();
  await using ledger = await startLedger();
  await declare(cluster.nodes[0]!.url, "kept", "quorum");
  const rounds = full ? 20 : 3;
  await using publisher = publish(cluster.url, ledger, { count: Number.MAX_SAFE_INTEGER, everyMs: 25 });
  const seconds: number[] = [];

  for (let kill = 0; kill < rounds; kill++) {
    const leader = await cluster.leaderOf("kept");
    await confirmed(ledger, (await ledger.ids("confirmed")).size + 2000);
    seconds.push(await secondsToConfirm(ledger, leader));
    await leader.restart();
  }
  publisher.signal("SIGTERM");
  const tried = Number((await publisher.line("done", { timeout: 60_000 })).split(" ")[1]);

  const slowest = Math.max(...seconds);
  report({
    promise: "P3",
    what: "quorum leader killed while publishing, three nodes",
    goal: "the next confirm within 5 s (p99)",
    found: { kills: rounds, slowest, median: seconds.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]! },
  });
  await judge(
    "quorum leader killed while publishing, three nodes",
    cluster.nodes[0]!.url,
    ledger,
    rounds,
    tried,
  );
  assert.ok(slowest <= 5, `${slowest} s`);
});

async function declare(url: string, queue: string, type: "classic" | "quorum"): Promise<void> {
  await using broker = await connectBroker(url);
  await broker.channel.assertQueue(queue, { durable: true, arguments: { "x-queue-type": type } });
}

function publish(url: string, ledger: Ledger, pace: { count: number; everyMs: number }): Program {
  const program = new URL("../support/publisher_program.ts", import.meta.url).pathname;
  const options = { url, queue: "kept", ledger: ledger.url, window: 50, bytes: 100, ...pace };
  return start(Deno.execPath(), ["run", "-A", program, JSON.stringify(options)]);
}

async function confirmed(ledger: Ledger, count: number): Promise<void> {
  const enough = (all: Parameters<typeof countBy>[0]) => (countBy(all).confirmed ?? 0) >= count;
  await ledger.until(`${count} confirmed`, enough, { timeout: 600_000 });
}

/** Kills a node, and gives the seconds until a message was confirmed that could not have been before. */
async function secondsToConfirm(ledger: Ledger, node: RabbitNode): Promise<number> {
  await node.kill();
  // What was confirmed and not yet told when the node went.
  const killed = Date.now() + 100;
  const entries = await ledger.until(
    "a message confirmed after the kill",
    (all) => all.some(({ what, at }) => what === "confirmed" && at > killed),
  );
  return (entries.find(({ what, at }) => what === "confirmed" && at > killed)!.at - killed) / 1000;
}

async function judge(
  what: string,
  url: string,
  ledger: Ledger,
  kills: number,
  tried: number,
): Promise<void> {
  await using broker = await connectBroker(url);
  const found = await takeIds(broker, "kept");
  const kept = new Set(found);
  const told = await ledger.ids("confirmed");
  const refused = await ledger.ids("refused");
  const lost = [...told].filter((id) => !kept.has(id)).length;
  report({
    promise: "P1",
    what,
    goal: "lost 0",
    found: {
      kills,
      tried,
      confirmed: told.size,
      "told of a failure": refused.size,
      lost,
      twice: found.length - kept.size,
    },
  });
  assert.equal(told.size + refused.size, tried, "each message has an outcome");
  assert.equal(lost, 0);
}
