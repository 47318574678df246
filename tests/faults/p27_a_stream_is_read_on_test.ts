/** A function that reads a stream, while the runtime, the broker and the function's code are taken away. */

import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { full } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, sendAll } from "../support/load.ts";
import { onOwnBroker } from "../support/promises.ts";

const rounds = full ? 20 : 2;
const perFault = 500;
const prefetch = 20;
const runMs = 20;
/** How many runs may end until the place is written (50 ms) and confirmed by a busy broker on a busy machine. */
const unkept = 300 / runMs * prefetch;
const patienceMs = 60_000;

const name =
  "Through kills of the reading runtime and of the broker, and deploys, every message of a stream is handled";
onOwnBroker("P27", name, async (broker, report) => {
  await using ledger = await startLedger();
  const source = (version: number) =>
    ledger.worker("events", {
      options: { prefetch: prefetch + version % 2, queueType: "stream", from: "first" },
      does: `await new Promise((resolve) => setTimeout(resolve, ${runMs})); // version ${version}`,
    });
  const start = () => startHopper({ functions: { work: source(0) }, broker: broker.url });
  await using running = new AsyncDisposableStack();
  const hoppers = [running.use(await start()), running.use(await start())];

  let version = 0;
  let took = 0;
  const reads = (hopper: typeof hoppers[number]) => hopper.logged("attached", { queue: "events" }).length > 0;
  const faults: Record<string, () => Promise<unknown>> = {
    "reader killed": async () => {
      const reader = hoppers.find(reads)!;
      const killed = performance.now();
      reader.signal("SIGKILL");
      await reader.exit();
      hoppers.splice(hoppers.indexOf(reader), 1);
      await hoppers[0]!.event("attached", { queue: "events" }, { timeout: patienceMs });
      took = Math.max(took, performance.now() - killed);
      hoppers.push(running.use(await start()));
    },
    "broker killed": async () => {
      await broker.kill();
      await broker.restart();
    },
    deploy: async () => {
      version++;
      await Promise.all(hoppers.map(async (hopper) => {
        const deployed = hopper.further(["deployed"], 1, { timeout: patienceMs });
        await hopper.write("work", source(version));
        await deployed;
      }));
    },
  };

  const sent: string[] = [];
  const send = async (some: readonly string[]) => {
    await using sender = await connectBroker(broker.url);
    sent.push(...some);
    await sendAll(sender, "events", some);
  };
  let unhandled: string[] = [];
  const extraOf: Record<string, number> = {};
  let extra = 0;
  for (let round = 0; round < rounds; round++) {
    for (const [fault, happens] of Object.entries(faults)) {
      const before = await ledger.count("ended");
      await send(ids(`${fault} ${round}`, perFault));
      await ledger.said("ended", before + perFault / 4);
      await happens();
      // What is read again begins before this one, so that it counts for this fault.
      await send([`after ${fault} ${round}`]);
      unhandled = await ledger.missing("ended", sent, { quiet: patienceMs });
      assert.deepEqual(unhandled, [], fault);
      const extraNow = await ledger.count("started") - (await ledger.ids("started")).size;
      extraOf[fault] = (extraOf[fault] ?? 0) + extraNow - extra;
      extra = extraNow;
    }
  }
  await Promise.all(hoppers.map((hopper) => hopper.stop()));

  const most = 2 * rounds * (prefetch + 1 + unkept);
  report({
    what: "stream, 2 replicas: reader killed, broker killed, deploys",
    goal: `lost 0, extra runs ≤ ${most}`,
    tried: { rounds, faults: rounds * Object.keys(faults).length, messages: sent.length },
    confirmed: sent.length,
    lost: unhandled.length,
    duplicated: extra,
    healed: took / 1000,
    further: Object.fromEntries(Object.entries(extraOf).map(([fault, count]) => [`again: ${fault}`, count])),
  });
  assert.ok(extra <= most, `${extra} extra runs`);
  assert.equal(extraOf.deploy, 0, "a deploy repeats nothing");
});
