/** Three runtimes share a rate, while runtimes and the broker are killed and a file is replaced. */

import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { full } from "../support/figures.ts";
import { type Hopper, startHopper } from "../support/hopper.ts";
import { type Ledger, startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeIds } from "../support/load.ts";
import { onOwnBroker, onSharedBroker } from "../support/promises.ts";

const limit = 50;
const replicas = 3;
/** The windows in which runs are counted, in seconds: a minute in a release, where the limit may be missed by 2 %. */
const window = full ? 60 : 10;
const rounds = full ? 5 : 1;
/** How long each fault's effects are watched, in seconds. */
const watched = full ? 30 : 5;

/** The most begins within the window. */
async function most(ledger: Ledger): Promise<number> {
  const times = (await ledger.entries("started")).map(({ at }) => at);
  let from = 0;
  return times.reduce((most, at, i) => {
    while (times[from]! <= at - window * 1000) from++;
    return Math.max(most, i - from + 1);
  }, 0);
}

onOwnBroker(
  "P24",
  "Runtimes that share a rate begin no more runs than it allows, whoever is killed or replaced",
  async (node, report) => {
    await using ledger = await startLedger();
    const source = (prefetch: number) =>
      ledger.worker("work", { options: { prefetch, rate: { limit, per: "1s", scope: "cluster" } } });
    const start = () => startHopper({ functions: { work: source(20) }, broker: node.url });
    const hoppers: Hopper[] = [];
    const sent: string[] = [];
    /** Sends more, so that enough messages wait for so many seconds. */
    const feed = async (seconds: number) => {
      const waiting = sent.length - (await ledger.ids("started")).size;
      const more = ids(`message ${sent.length}`, Math.max(0, (seconds + 10) * limit - waiting));
      await using broker = await connectBroker(node.url);
      await sendAll(broker, "work", more);
      sent.push(...more);
    };
    const seconds = async (count: number) => {
      await feed(count);
      const begun = await ledger.count("started");
      await ledger.said("started", begun + count * limit);
    };
    try {
      for (let i = 0; i < replicas; i++) hoppers.push(await start());
      const began = performance.now();
      const before = await ledger.count("started");
      await seconds(window);
      const steady = (await ledger.count("started") - before) / ((performance.now() - began) / 1000);

      for (let round = 0; round < rounds; round++) {
        const killed = round % replicas;
        await feed(watched);
        hoppers[killed]!.signal("SIGKILL");
        await hoppers[killed]!.exit();
        await seconds(watched);
        await hoppers[killed]![Symbol.asyncDispose]();
        hoppers[killed] = await start();
        await seconds(watched);
        await feed(watched);
        await node.kill();
        await node.restart();
        await seconds(watched);
        await feed(watched);
        await Promise.all(hoppers.map((hopper) => hopper.write("work", source(21 + round))));
        await seconds(watched);
      }
      const unhandled = await ledger.missing("ended", sent);
      await using last = await connectBroker(node.url);
      const dead = await takeIds(last, "work.dead");

      const found = await most(ledger);
      const over = (found / (limit * window) - 1) * 100;
      report({
        what: `${replicas} runtimes share ${limit} runs a second; runtimes and broker killed, files replaced`,
        goal: full ? "at most 2 % over in a minute" : `at most one second's runs over in ${window} s`,
        tried: { kills: rounds * 2, deploys: rounds, messages: sent.length },
        confirmed: sent.length,
        lost: unhandled.length,
        duplicated: await ledger.count("started") - (await ledger.ids("started")).size,
        further: {
          [`most in ${window} s`]: found,
          "over in %": Math.max(0, Math.round(over * 10) / 10),
          "a second, undisturbed": Math.round(steady * 10) / 10,
        },
      });
      assert.deepEqual(unhandled, []);
      assert.deepEqual(dead, []);
      assert.ok(found <= limit * window + limit * (full ? window * 0.02 : 1), `${found} in ${window} s`);
    } finally {
      await Promise.all(hoppers.map((hopper) => hopper[Symbol.asyncDispose]()));
    }
  },
);

/** How long a run takes in the test of fairness, in milliseconds. */
const runMs = 200;

onSharedBroker(
  "P24",
  "One key's flood delays another key's messages by at most twice its own run",
  async ({ url }, report) => {
    await using ledger = await startLedger();
    await using broker = await connectBroker(url);
    await using _hopper = await startHopper({
      functions: {
        work: ledger.worker("work", {
          options: { concurrency: { limit: 2, key: "key", shards: 8 } },
          does: `await new Promise((resolve) => setTimeout(resolve, ${runMs}));`,
        }),
      },
      broker: url,
    });
    const send = (key: string, messageId: string) =>
      broker.send("work", JSON.stringify({ key }), { messageId, contentType: "application/json" });
    const flood = ids("flood", full ? 5000 : 1000);
    const others = ids("other", full ? 200 : 40);

    await Promise.all(flood.map((id) => send("flood", id)));
    await ledger.said("started", 2);
    const sentAt = new Map<string, number>();
    for (const id of others) {
      sentAt.set(id, Date.now());
      await send("other", id);
      // As often as one key's limit allows, so that its messages do not wait for each other.
      await new Promise((resolve) => setTimeout(resolve, runMs));
    }
    assert.deepEqual(await ledger.missing("ended", others), []);

    const begun = (await ledger.entries("started")).filter(({ id }) => sentAt.has(id));
    const waits = begun.map(({ id, at }) => at - sentAt.get(id)!).toSorted((a, b) => a - b);
    const p95 = waits[Math.floor(waits.length * 0.95)]!;
    const handled = (await ledger.entries("ended")).filter(({ id }) => id.startsWith("flood")).length;
    report({
      what: `a flood of one key, and another key's messages (runs of ${runMs} ms)`,
      goal: `they wait at most ${2 * runMs} ms (p95)`,
      tried: { flood: flood.length, others: others.length },
      further: {
        "p95 ms": p95,
        "p50 ms": waits[Math.floor(waits.length / 2)]!,
        "of the flood handled": handled,
      },
    });
    assert.ok(handled < flood.length, "the flood lasted");
    assert.ok(p95 <= 2 * runMs, `${p95} ms`);
  },
);

const keys = 40;
const perKey = 3;
const faults = ["runtime", "broker", "deploy"] as const;
const latestRounds = full ? 20 : 2;

/** Sends several messages of each key. Gives the id of the latest of each. */
async function sendRound(url: string, round: number): Promise<string[]> {
  await using broker = await connectBroker(url);
  const messages = Array.from(
    { length: perKey },
    (_, n) => Array.from({ length: keys }, (_, key) => ({ key: `${key}`, id: `${round}.${key}.${n}` })),
  ).flat();
  for (const { key, id } of messages) {
    await broker.send("work", "x", { messageId: id, persistent: true, headers: { key } });
  }
  return messages.slice(-keys).map(({ id }) => id);
}

/** The keys whose last run to begin was of another message than the latest of its round. */
async function notTheLatest(ledger: Ledger, latest: readonly string[]): Promise<string[]> {
  const keyOf = (id: string) => id.slice(0, id.lastIndexOf("."));
  const last = new Map((await ledger.entries("started")).map(({ id }) => [keyOf(id), id]));
  return latest.filter((id) => last.get(keyOf(id)) !== id);
}

for (const [option, wait] of [["debounce", "wait"], ["throttle", "per"]] as const) {
  onOwnBroker(
    "P24",
    `With ${option}, the latest message of each key is run, and run last, whoever is killed or replaced`,
    async (node, report) => {
      await using ledger = await startLedger();
      const source = (prefetch: number) =>
        ledger.worker("work", {
          options: { prefetch, [option]: { key: { header: "key" }, [wait]: "2s" } },
        });
      const start = () => startHopper({ functions: { work: source(20) }, broker: node.url });
      const hoppers: Hopper[] = [];
      const latest: string[] = [];
      let sent = 0;
      try {
        for (let i = 0; i < 2; i++) hoppers.push(await start());
        for (const [i, fault] of Array(latestRounds).fill(faults).flat().entries()) {
          const round = await sendRound(node.url, i);
          latest.push(...round);
          sent += keys * perKey;
          if (fault === "runtime") {
            const killed = hoppers.shift()!;
            killed.signal("SIGKILL");
            await killed.exit();
            await killed[Symbol.asyncDispose]();
            hoppers.push(await start());
          } else if (fault === "broker") {
            await node.kill();
            await node.restart();
          } else {
            await Promise.all(hoppers.map((hopper) => hopper.write("work", source(21 + i))));
          }
          assert.deepEqual(await ledger.missing("ended", round), []);
        }
        const unhandled = await ledger.missing("ended", latest);
        const wrong = await notTheLatest(ledger, latest);
        const started = await ledger.count("started");
        report({
          what: `${option}: runtimes and broker killed, files replaced`,
          goal: "the latest of each key is run, and nothing older after it",
          tried: { kills: latestRounds * 2, deploys: latestRounds, messages: sent },
          confirmed: sent,
          lost: unhandled.length,
          further: { runs: started, "keys' latest messages": latest.length, "not the latest": wrong.length },
        });
        assert.deepEqual(unhandled, []);
        assert.deepEqual(wrong, []);
        assert.ok(started < sent, `${started} of ${sent} were run`);
      } finally {
        await Promise.all(hoppers.map((hopper) => hopper[Symbol.asyncDispose]()));
      }
    },
  );
}
