/** The memory of handled ids that replicas share, while it, a runtime, the broker and the function's code are taken away. */

import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { full } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, sendAll } from "../support/load.ts";
import { onOwnBroker } from "../support/promises.ts";
import { leaveOut } from "../support/rabbitmq.ts";
import { isStoreInstalled, startStore, storePackages } from "../support/store_node.ts";
import { untilWaiting } from "../support/until_waiting.ts";

const rounds = full ? 20 : 2;
const perFault = full ? 500 : 200;
const prefetch = 20;
const replicas = 2;
const patienceMs = 60_000;

const stores = {
  redis: { title: "Redis", variable: "REDIS_URL" },
  postgres: { title: "PostgreSQL", variable: "DATABASE_URL" },
} as const;

for (const kind of ["redis", "postgres"] as const) {
  const { title, variable } = stores[kind];
  if (!isStoreInstalled(kind)) {
    leaveOut(title, storePackages[kind]);
    continue;
  }
  const name =
    `Through kills of ${title}, runtimes and broker, and deploys, what it remembers is never run again`;
  onOwnBroker("P26", name, async (broker, report) => {
    await using store = await startStore(kind);
    await using ledger = await startLedger();
    const source = (version: number) =>
      ledger.worker("work", {
        options: { prefetch, dedupe: { for: "1h", store: kind } },
        does: `await new Promise((resolve) => setTimeout(resolve, 5)); // version ${version}`,
      });
    const start = () =>
      startHopper({
        functions: { work: source(0) },
        broker: broker.url,
        env: { [variable]: store.url },
      });
    await using running = new AsyncDisposableStack();
    const hoppers = [running.use(await start()), running.use(await start())];

    const sent: string[] = [];
    /** Sends new ids, each twice. */
    const send = async (what: string) => {
      await using sender = await connectBroker(broker.url);
      const some = ids(what, perFault);
      sent.push(...some);
      await sendAll(sender, "work", some);
      await sendAll(sender, "work", some);
    };
    let version = 0;
    const faults: Record<string, () => Promise<unknown>> = {
      "store killed": async () => {
        await store.kill();
        await store.start();
      },
      "runtime killed": async () => {
        const [first] = hoppers.splice(0, 1);
        first!.signal("SIGKILL");
        await first!.exit();
        hoppers.push(running.use(await start()));
      },
      "broker killed": async () => {
        await broker.kill();
        await broker.restart();
      },
      deploy: async () => {
        version++;
        await Promise.all(hoppers.map(async (hopper) => {
          const deployed = hopper.further(["deployed"], 1);
          await hopper.write("work", source(version));
          await deployed;
        }));
      },
    };

    let unhandled: string[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const [fault, happens] of Object.entries(faults)) {
        const before = await ledger.count("ended");
        await send(`${fault} ${round}`);
        await ledger.said("ended", before + perFault / 4);
        await happens();
        unhandled = await ledger.missing("ended", sent, { quiet: patienceMs });
        assert.deepEqual(unhandled, [], fault);
      }
    }
    const started = await ledger.count("started");
    const extra = started - (await ledger.ids("started")).size;

    // Whatever was handled is remembered by now: none of it is run again, by any replica.
    {
      await using sender = await connectBroker(broker.url);
      await untilWaiting(sender, "work", (count) => count === 0, 120_000);
      await sendAll(sender, "work", sent);
      await untilWaiting(sender, "work", (count) => count === 0, 120_000);
    }
    await Promise.all(hoppers.map((hopper) => hopper.stop()));
    const again = await ledger.count("started") - started;
    await using after = await connectBroker(broker.url);
    const left = await after.waiting("work");

    const most = 2 * rounds * prefetch * replicas;
    report({
      what: `${title}, ${replicas} replicas, deploys: all messages twice, then all once more`,
      goal: `lost 0, run again once remembered 0, extra runs ≤ ${most}`,
      tried: { rounds, faults: Object.keys(faults).length * rounds, messages: sent.length * 3 },
      confirmed: sent.length,
      lost: unhandled.length,
      duplicated: extra,
      further: { "run again once remembered": again },
    });
    assert.equal(again, 0);
    assert.equal(left, 0);
    assert.ok(extra <= most, `${extra} extra runs`);
  });
}
