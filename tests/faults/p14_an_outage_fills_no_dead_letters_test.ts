import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { full, report } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, sendAll } from "../support/load.ts";
import { freePort } from "../support/ports.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";

const rabbitmq = await rabbitmqForTests();

const messages = full ? 10_000 : 2_000;
const outageMs = full ? 180_000 : 30_000;

Deno.test("While what a function depends on is down it pauses, and then handles everything", {
  ignore: !rabbitmq,
}, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  await using ledger = await startLedger();
  const port = freePort();
  await using hopper = await startHopper({
    functions: {
      work: ledger.worker("work", {
        // Quick retries: without a pause, each message would be dead after a second.
        options: `{ retry: { attempts: 4, delay: "100ms", factor: 2 } }`,
        work: `await (await fetch("http://127.0.0.1:${port}")).body?.cancel();`,
      }),
    },
    broker: vhost.url,
  });
  const sent = ids("message", messages);
  await sendAll(broker, "work", sent);
  await hopper.event("paused");
  await new Promise((resolve) => setTimeout(resolve, outageMs));
  const runs = (await ledger.entries("started")).length;
  const probes = hopper.logged("paused").length;

  const dependency = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, () => new Response());
  const mended = Date.now();
  try {
    await hopper.event("resumed", {}, { timeout: 90_000 });
    const resumedSeconds = (Date.now() - mended) / 1000;
    const dead = hopper.logged("dead-lettered").length;
    await ledger.until("all ended", (all) => {
      const ended = all.filter(({ what }) => what === "ended").length;
      return ended + hopper.logged("dead-lettered").length >= messages;
    }, { timeout: 180_000 });

    const handled = (await ledger.ids("ended")).size;
    report({
      promise: "P14",
      what: `${messages} messages, what each needs is down for ${outageMs / 1000} s`,
      goal: "at most 1 % dead-lettered",
      found: {
        "dead-lettered": dead,
        handled,
        lost: messages - handled - dead,
        "runs meanwhile": runs,
        probes,
        "seconds to resume": resumedSeconds,
      },
    });
    assert.ok(dead <= messages / 100, `${dead} dead-lettered`);
    assert.equal(handled + dead, messages);
  } finally {
    await dependency.shutdown();
  }
});
