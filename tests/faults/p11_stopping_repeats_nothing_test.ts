import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { full, report } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { countBy, startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeIds } from "../support/load.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";

const rabbitmq = await rabbitmqForTests();

const stops = full ? 50 : 10;

for (const queueType of ["classic", "quorum"]) {
  Deno.test(`SIGTERM under load: every message runs once, the exit code is 0: ${queueType} queue`, {
    ignore: !rabbitmq,
  }, async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using broker = await connectBroker(vhost.url);
    await using ledger = await startLedger();
    const functions = {
      work: ledger.worker("work", {
        options: JSON.stringify({ queueType, prefetch: 50, concurrency: 20 }),
        work: "await new Promise((resolve) => setTimeout(resolve, 20));",
      }),
    };
    const start = () => startHopper({ functions, broker: vhost.url });
    const sent = ids("message", (stops + 1) * 250);
    const codes: number[] = [];
    let handled = 0;
    let finished = 0;

    for (let stop = 0; stop < stops; stop++) {
      await using hopper = await start();
      if (stop === 0) await sendAll(broker, "work", sent);
      handled += 100;
      await ledger.until(`${handled} ended`, (entries) => (countBy(entries).ended ?? 0) >= handled);
      codes.push((await hopper.stop()).code);
      finished += Number(hopper.logged("drained")[0]?.finished ?? 0);
    }
    await using _last = await start();
    await ledger.until("all ended", (entries) => {
      return new Set(entries.filter(({ what }) => what === "ended").map(({ id }) => id)).size === sent.length;
    });

    const again = (await ledger.entries("started")).length - sent.length;
    const dead = await takeIds(broker, "work.dead");
    report({
      promise: "P11",
      what: `SIGTERM under load, ${queueType} queue`,
      goal: "0 run again, 0 lost, exit 0",
      found: {
        stops,
        messages: sent.length,
        "run again": again,
        lost: dead.length,
        "finished while stopping": finished,
        "exits other than 0": codes.filter((code) => code !== 0).length,
      },
    });
    assert.equal(again, 0);
    assert.deepEqual(dead, []);
    assert.ok(codes.every((code) => code === 0));
  });
}
