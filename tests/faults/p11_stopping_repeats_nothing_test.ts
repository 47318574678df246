import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { full } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeIds } from "../support/load.ts";
import { onSharedBroker } from "../support/promises.ts";

const stops = full ? 50 : 6;

for (const queueType of ["classic", "quorum"]) {
  const name = `SIGTERM under load: every message runs once, the exit code is 0: ${queueType} queue`;
  onSharedBroker("P11", name, async ({ url }, report) => {
    await using broker = await connectBroker(url);
    await using ledger = await startLedger();
    const functions = {
      work: ledger.worker("work", {
        options: { queueType, prefetch: 50, concurrency: 20 },
        does: "await new Promise((resolve) => setTimeout(resolve, 20));",
      }),
    };
    const start = () => startHopper({ functions, broker: url });
    const sent = ids("message", (stops + 1) * 250);
    const codes: number[] = [];
    let finished = 0;

    for (let stop = 0; stop < stops; stop++) {
      await using hopper = await start();
      if (stop === 0) await sendAll(broker, "work", sent);
      await ledger.said("ended", (stop + 1) * 100);
      codes.push((await hopper.stop()).code);
      finished += Number(hopper.logged("drained")[0]?.finished ?? 0);
    }
    await using _last = await start();
    const unhandled = await ledger.missing("ended", sent);

    const again = await ledger.count("started") - (await ledger.ids("started")).size;
    const dead = await takeIds(broker, "work.dead");
    const badExits = codes.filter((code) => code !== 0).length;
    report({
      what: `SIGTERM under load, ${queueType} queue`,
      goal: "0 run again, 0 lost, exit 0",
      tried: { stops, messages: sent.length },
      confirmed: sent.length,
      lost: unhandled.length,
      duplicated: again,
      further: { "finished while stopping": finished, "dead-lettered": dead.length, "bad exits": badExits },
    });
    assert.equal(again, 0);
    assert.deepEqual(unhandled, []);
    assert.deepEqual(dead, []);
    assert.equal(badExits, 0);
  });
}
