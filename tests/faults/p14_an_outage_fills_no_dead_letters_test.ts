import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { full } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeIds } from "../support/load.ts";
import { freePort } from "../support/ports.ts";
import { onSharedBroker } from "../support/promises.ts";

const messages = full ? 10_000 : 1_000;
/** Long enough that a function without a pause would give up every message. */
const outageMs = full ? 180_000 : 12_000;

const name = "A function pauses while a service that it needs is down, and then handles all messages";
onSharedBroker("P14", name, async ({ url }, report) => {
  await using broker = await connectBroker(url);
  await using ledger = await startLedger();
  const port = freePort();
  await using hopper = await startHopper({
    functions: {
      work: ledger.worker("work", {
        // Retries are quick: without a pause, each message would be dead-lettered after a second.
        options: { retry: { attempts: 4, delay: "100ms", factor: 2 } },
        does: `await (await fetch("http://127.0.0.1:${port}")).body?.cancel();`,
        net: [`127.0.0.1:${port}`],
      }),
    },
    broker: url,
  });
  const sent = ids("message", messages);
  await sendAll(broker, "work", sent);
  await hopper.event("paused");
  await new Promise((resolve) => setTimeout(resolve, outageMs));
  const runs = await ledger.count("started");
  const probes = hopper.count("paused");

  const dependency = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, () => new Response());
  const mended = Date.now();
  try {
    await hopper.event("resumed", {}, { timeout: 90_000 });
    const healed = (Date.now() - mended) / 1000;
    await ledger.until("all of them settled", async () => {
      return (await ledger.ids("ended")).size + hopper.count("dead-lettered") >= messages;
    });
    const dead = new Set(await takeIds(broker, "work.dead"));
    const handled = await ledger.ids("ended");
    const lost = sent.filter((id) => !handled.has(id) && !dead.has(id));
    report({
      what: `what each message needs is down for ${outageMs / 1000} s`,
      goal: "at most 1 % dead-lettered",
      tried: { messages },
      confirmed: messages,
      lost: lost.length,
      duplicated: await ledger.count("ended") - handled.size,
      healed,
      further: { "dead-lettered": dead.size, "runs meanwhile": runs, probes },
    });
    assert.ok(dead.size <= messages / 100, `${dead.size} dead-lettered`);
    assert.deepEqual(lost, []);
  } finally {
    await dependency.shutdown();
  }
});
