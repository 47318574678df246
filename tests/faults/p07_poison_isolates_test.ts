import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { report } from "../support/figures.ts";
import { spawnHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeIds } from "../support/load.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";

const rabbitmq = await rabbitmqForTests();

const attempts = 5;
const poison = "poison";

for (const queueType of ["classic", "quorum"]) {
  Deno.test(`A message that ends its process is given up, those beside it are not: ${queueType} queue`, {
    ignore: !rabbitmq,
  }, async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using broker = await connectBroker(vhost.url);
    await using ledger = await startLedger();
    const functions = {
      work: ledger.worker("work", {
        options: JSON.stringify({ queueType, prefetch: 10, retry: { attempts, delay: "100ms" } }),
        work: `await new Promise((resolve) => setTimeout(resolve, 20));
          if (id === "${poison}") Deno.kill(Deno.pid, "SIGKILL");
          await new Promise((resolve) => setTimeout(resolve, 30));`,
      }),
    };
    const innocents = ids("innocent", 200);
    let processes = 0;
    for (;; processes++) {
      assert.ok(processes <= attempts + 5, `${processes} processes have ended`);
      await using hopper = await spawnHopper({ functions, broker: vhost.url });
      if (processes === 0) {
        await hopper.event("ready");
        await sendAll(broker, "work", [...innocents.slice(0, 50), poison, ...innocents.slice(50)]);
      }
      const ended = new Promise<"ended">((resolve) =>
        hopper.exit({ timeout: 60_000 }).then(() => resolve("ended"))
      );
      const givenUp = hopper.event("dead-lettered", {}, { timeout: 60_000 }).then(
        () => "given up",
        () => "ended",
      );
      if (await Promise.race([ended, givenUp]) === "ended") continue;
      await ledger.until("all innocents ended", (all) => {
        return new Set(all.filter(({ what }) => what === "ended").map(({ id }) => id)).size ===
          innocents.length;
      });
      break;
    }

    const started = await ledger.entries("started");
    const starts = started.filter(({ id }) => id === poison).length;
    const dead = await takeIds(broker, "work.dead");
    report({
      promise: "P7",
      what: `a message that kills its process among ${innocents.length} at prefetch 10, ${queueType} queue`,
      goal: `exactly ${attempts} starts, 0 innocents dead-lettered`,
      found: {
        starts,
        "processes ended": processes,
        "innocents dead-lettered": dead.filter((id) => id !== poison).length,
        "innocents lost": 0,
        "innocents run again": started.length - starts - innocents.length,
      },
    });
    assert.equal(starts, attempts);
    assert.deepEqual(dead, [poison]);
  });
}
