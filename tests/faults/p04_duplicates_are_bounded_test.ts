import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { full } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeIds } from "../support/load.ts";
import { onSharedBroker } from "../support/promises.ts";

const kills = full ? 20 : 5;
const prefetch = 20;

for (const queueType of ["classic", "quorum"]) {
  const name =
    `A runtime that is killed again and again handles all messages and repeats few: ${queueType} queue`;
  onSharedBroker("P4", name, async ({ url }, report) => {
    await using broker = await connectBroker(url);
    await using ledger = await startLedger();
    const functions = {
      work: ledger.worker("work", {
        options: { prefetch, queueType },
        does: "await new Promise((resolve) => setTimeout(resolve, 20));",
      }),
    };
    const start = () => startHopper({ functions, broker: url });
    const sent = ids("message", (kills + 1) * 200);

    for (let kill = 0; kill < kills; kill++) {
      await using hopper = await start();
      if (kill === 0) await sendAll(broker, "work", sent);
      await ledger.said("ended", (kill + 1) * 100);
      hopper.signal("SIGKILL");
      await hopper.exit();
    }
    await using _last = await start();
    const unhandled = await ledger.missing("ended", sent);

    const started = await ledger.count("started");
    const extra = started - (await ledger.ids("started")).size;
    const dead = await takeIds(broker, "work.dead");
    report({
      what: `runtime killed at prefetch ${prefetch}, ${queueType} queue`,
      goal: `unhandled 0, extra starts ≤ ${kills * prefetch}`,
      tried: { kills, messages: sent.length },
      confirmed: sent.length,
      lost: unhandled.length,
      duplicated: extra,
      further: { "dead-lettered": dead.length },
    });
    assert.deepEqual(unhandled, []);
    assert.ok(extra <= kills * prefetch, `${extra} extra starts`);
    assert.deepEqual(dead, []);
  });
}

onSharedBroker(
  "P4",
  "A function whose process is killed again and again loses no message",
  async ({ url }, report) => {
    await using broker = await connectBroker(url);
    await using ledger = await startLedger();
    await using _hopper = await startHopper({
      functions: {
        work: ledger.worker("work", {
          options: { prefetch },
          does: `await note("host", String(Deno.pid));
          await new Promise((resolve) => setTimeout(resolve, 20));`,
        }),
      },
      broker: url,
    });
    const sent = ids("message", (kills + 1) * 200);
    await sendAll(broker, "work", sent);

    for (let kill = 0; kill < kills; kill++) {
      const hosts = async () => [...await ledger.ids("host")];
      await ledger.until("a process that was not killed yet", async () => (await hosts()).length > kill);
      await ledger.said("ended", (kill + 1) * 100);
      Deno.kill(Number((await hosts())[kill]), "SIGKILL");
    }
    const unhandled = await ledger.missing("ended", sent);

    const extra = await ledger.count("started") - (await ledger.ids("started")).size;
    const dead = await takeIds(broker, "work.dead");
    report({
      what: `function's process killed at prefetch ${prefetch}`,
      goal: `unhandled 0, extra starts ≤ ${kills * prefetch}`,
      tried: { kills, messages: sent.length },
      confirmed: sent.length,
      lost: unhandled.length,
      duplicated: extra,
      further: { "dead-lettered": dead.length },
    });
    assert.deepEqual(unhandled, []);
    assert.ok(extra <= kills * prefetch, `${extra} extra starts`);
    assert.deepEqual(dead, []);
  },
);
