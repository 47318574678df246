import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { spawnHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeIds } from "../support/load.ts";
import { onSharedBroker } from "../support/promises.ts";

const attempts = 5;
const poison = "poison";

/** Where a handler runs, the code that ends its process, and how many runtimes end with it. */
const hosts = [
  { isolate: "process", end: "Deno.exit(1)", runtimes: 0 },
  { isolate: "inline", end: `Deno.kill(Deno.pid, "SIGKILL")`, runtimes: attempts },
] as const;

for (const { isolate, end, runtimes } of hosts) {
  for (const queueType of ["classic", "quorum"]) {
    const name =
      `A poison message is given up, and messages beside it are not: ${isolate}, ${queueType} queue`;
    onSharedBroker("P7", name, async ({ url }, report) => {
      await using broker = await connectBroker(url);
      await using ledger = await startLedger();
      const functions = {
        work: ledger.worker("work", {
          options: { queueType, prefetch: 10, retry: { attempts, delay: "100ms" } },
          does: `await new Promise((resolve) => setTimeout(resolve, 20));
            if (id === "${poison}") ${end};
            await new Promise((resolve) => setTimeout(resolve, 30));`,
        }),
      };
      const config = `export default { defaults: { isolate: "${isolate}" } };`;
      const innocents = ids("innocent", 200);
      let ended = 0;
      let unhandled: string[] = [];
      for (;; ended++) {
        assert.ok(ended <= runtimes + 5, `${ended} runtimes have ended`);
        await using hopper = await spawnHopper({ functions, config, broker: url });
        if (ended === 0) {
          await hopper.event("ready");
          await sendAll(broker, "work", [...innocents.slice(0, 50), poison, ...innocents.slice(50)]);
        }
        const givenUp = await hopper.event("dead-lettered", {}, { timeout: 60_000 }).then(
          () => true,
          (error) => {
            if (hopper.ended) return false;
            throw error;
          },
        );
        if (!givenUp) continue;
        unhandled = await ledger.missing("ended", innocents);
        break;
      }

      const started = await ledger.entries("started");
      const starts = started.filter(({ id }) => id === poison).length;
      const dead = await takeIds(broker, "work.dead");
      report({
        what: `a message that kills its process, ${isolate}, at prefetch 10, ${queueType} queue`,
        goal: `exactly ${attempts} starts, 0 innocents dead-lettered`,
        tried: { innocents: innocents.length },
        confirmed: innocents.length + 1,
        lost: unhandled.length,
        duplicated: started.length - starts - innocents.length,
        further: {
          starts,
          "runtimes ended": ended,
          "innocents dead-lettered": dead.filter((id) => id !== poison).length,
        },
      });
      assert.equal(starts, attempts);
      assert.deepEqual(unhandled, []);
      assert.deepEqual(dead, [poison]);
      assert.equal(ended, runtimes);
    });
  }
}
