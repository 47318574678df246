import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { full, report } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeIds } from "../support/load.ts";
import { startRabbitmq } from "../support/rabbitmq.ts";

const kills = full ? 20 : 3;

Deno.test("A broker that is killed while messages move loses none of them", async () => {
  await using node = await startRabbitmq();
  await using ledger = await startLedger();
  await using hopper = await startHopper({
    functions: {
      work: ledger.worker("work", {
        options: `{ retry: { attempts: 3, delay: "200ms", factor: 1 }, pause: false }`,
        work: `await new Promise((resolve) => setTimeout(resolve, 10));
          if (id.startsWith("dead")) throw new Reject("For good");
          if (ctx.attempt < 3) throw new Error("Again");`,
      }),
    },
    broker: node.url,
  });
  const each = 1_000;
  const dead = ids("dead", kills * each);
  const retried = ids("retried", kills * each);
  const moved = () => hopper.logged("dead-lettered").length + hopper.logged("retrying").length;

  for (let kill = 0; kill < kills; kill++) {
    {
      await using broker = await connectBroker(node.url);
      const slice = (all: string[]) => all.slice(kill * each, (kill + 1) * each);
      const [first, second] = [slice(dead), slice(retried)];
      await sendAll(broker, "work", first.flatMap((id, index) => [id, second[index]!]));
    }
    const before = moved();
    while (moved() < before + 300) await new Promise((resolve) => setTimeout(resolve, 10));
    await node.kill();
    await node.restart();
  }
  await ledger.until("all retried ones ended", (all) => {
    return new Set(all.filter(({ what }) => what === "ended").map(({ id }) => id)).size === retried.length;
  }, { timeout: 120_000 });
  await using broker = await connectBroker(node.url);
  const found = new Set<string>();
  let copies = 0;
  for (const deadline = Date.now() + 60_000; found.size < dead.length && Date.now() < deadline;) {
    const taken = await takeIds(broker, "work.dead");
    copies += taken.length;
    for (const id of taken) found.add(id);
    if (taken.length === 0) await new Promise((resolve) => setTimeout(resolve, 200));
  }

  const lost = dead.filter((id) => !found.has(id)).length;
  report({
    promise: "P15",
    what: "broker killed while messages move to retries and dead letters",
    goal: "lost 0",
    found: {
      kills,
      messages: dead.length + retried.length,
      moves: moved(),
      lost,
      "dead letters twice": copies - found.size,
      "dead-lettered by mistake": [...found].filter((id) => id.startsWith("retried")).length,
    },
  });
  assert.equal(lost, 0);
});
