import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { full, report } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { countBy, startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeIds } from "../support/load.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";

const rabbitmq = await rabbitmqForTests();

const kills = full ? 20 : 5;
const prefetch = 20;

for (const queueType of ["classic", "quorum"]) {
  Deno.test(`Killed again and again, the runtime handles everything and repeats little: ${queueType} queue`, {
    ignore: !rabbitmq,
  }, async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using broker = await connectBroker(vhost.url);
    await using ledger = await startLedger();
    const functions = {
      work: ledger.worker("work", {
        options: JSON.stringify({ prefetch, queueType }),
        work: "await new Promise((resolve) => setTimeout(resolve, 20));",
      }),
    };
    const start = () => startHopper({ functions, broker: vhost.url });
    const sent = ids("message", (kills + 1) * 200);
    let handled = 0;

    for (let kill = 0; kill < kills; kill++) {
      await using hopper = await start();
      if (kill === 0) await sendAll(broker, "work", sent);
      handled += 100;
      await ledger.until(`${handled} ended`, (entries) => countBy(entries).ended! >= handled);
      hopper.signal("SIGKILL");
      await hopper.exit();
    }
    await using _last = await start();
    await ledger.until("all ended", (entries) => idsOf(entries, "ended").size === sent.length);

    const started = await ledger.entries("started");
    const extra = started.length - idsOf(started, "started").size;
    const dead = await takeIds(broker, "work.dead");
    report({
      promise: "P4",
      what: `runtime killed at prefetch ${prefetch}, ${queueType} queue`,
      goal: `unhandled 0, extra starts ≤ ${kills * prefetch}`,
      found: {
        kills,
        messages: sent.length,
        unhandled: 0,
        "extra starts": extra,
        "dead-lettered": dead.length,
      },
    });
    assert.ok(extra <= kills * prefetch, `${extra} extra starts`);
    assert.deepEqual(dead, []);
  });
}

function idsOf(entries: readonly { what: string; id: string }[], what: string): Set<string> {
  return new Set(entries.filter((entry) => entry.what === what).map(({ id }) => id));
}
