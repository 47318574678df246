import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { report } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeIds } from "../support/load.ts";
import { start } from "../support/process.ts";
import { type RabbitNode, startRabbitmq } from "../support/rabbitmq.ts";

const cap = 64 * 2 ** 20;

/** What the flooding program says. */
interface Said {
  readonly what: string;
  readonly codes: Record<string, number>;
  readonly pending: number;
  readonly mostBytes: number;
  readonly rss: number;
  readonly slowestRefusal: number;
}

for (const [size, bytes, count] of [["small", 100, 100_000], ["large", 100_000, 5_000]] as const) {
  Deno.test(`A blocked broker is not a memory leak: ${size} messages`, async () => {
    await using node = await startRabbitmq();
    await using broker = await connectBroker(node.url);
    await broker.channel.assertQueue("there");
    await alarm(node, true);
    await using program = start(Deno.execPath(), [
      "run",
      "-A",
      new URL("../support/flood_program.ts", import.meta.url).pathname,
      JSON.stringify({ url: node.url, queue: "there", count, bytes }),
    ]);

    const settled: Said = JSON.parse(await program.line(`"settled"`, { timeout: 60_000 }));
    await alarm(node, false);
    const unblocked = Date.now();
    const again: Said = JSON.parse(await program.line(`"taken again"`));

    const seconds = (Date.now() - unblocked) / 1000;
    const { CONFIRMED: confirmed = 0, ...errors } = again.codes;
    const refusals = Object.values(settled.codes).reduce((sum, n) => sum + n, 0) -
      (settled.codes.CONFIRMED ?? 0);
    const { messageCount } = await broker.channel.checkQueue("there");
    report({
      promise: "P10",
      what: `${count} ${size} messages into a blocked broker`,
      goal: `at most ${cap / 2 ** 20} MB held, then a fast failure`,
      found: {
        "most held MB": settled.mostBytes / 2 ** 20,
        "RSS grew MB": settled.rss / 2 ** 20,
        refused: refusals,
        "slowest refusal ms": settled.slowestRefusal,
        "lost of the confirmed": Math.max(0, confirmed - messageCount),
        "seconds to the next confirm": seconds,
      },
    });
    assert.ok(settled.mostBytes <= cap, `${settled.mostBytes} bytes held`);
    assert.ok(settled.rss <= 4 * cap, `${settled.rss} bytes of memory`);
    assert.equal(refusals, count);
    assert.ok(settled.slowestRefusal < 1000, `${settled.slowestRefusal} ms until a refusal`);
    assert.deepEqual(Object.keys(errors).filter((code) => !/BLOCKED|PUBLISH_FAILED/.test(code)), []);
    // What was under way when the broker blocked may be taken in the end, though its sender was told otherwise.
    assert.ok(messageCount >= confirmed, `${messageCount} of ${confirmed} confirmed ones`);
  });
}

Deno.test("While the broker is blocked messages are consumed, and those that fail are moved once it is not", async () => {
  await using node = await startRabbitmq();
  await using broker = await connectBroker(node.url);
  await using ledger = await startLedger();
  const work = `await new Promise((resolve) => setTimeout(resolve, 200));
  if (Number(id.split(".")[1]) % 10 === 0) throw new Reject("Every tenth");`;
  await using hopper = await startHopper({
    functions: { work: ledger.worker("work", { options: "{ prefetch: 10 }", work }) },
    broker: node.url,
  });
  const sent = ids("message", 400);
  await sendAll(broker, "work", sent);

  await alarm(node, true);
  const before = (await ledger.ids("ended")).size;
  await ledger.until("more ended", (all) => all.filter(({ what }) => what === "ended").length > before + 20);
  await alarm(node, false);

  await hopper.events("dead-lettered", 40, {}, { timeout: 60_000 });
  await ledger.until("all ended", (all) => all.filter(({ what }) => what === "ended").length === 360);
  const dead = await takeIds(broker, "work.dead");
  report({
    promise: "P10",
    what: "consuming from a blocked broker, every tenth message is to be moved",
    goal: "lost 0",
    found: {
      messages: sent.length,
      handled: 360,
      "dead-lettered": dead.length,
      lost: 40 - new Set(dead).size,
    },
  });
  assert.equal(new Set(dead).size, 40);
});

/** Sets off the broker's memory alarm, or ends it. */
async function alarm(node: RabbitNode, on: boolean): Promise<void> {
  await node.ctl("set_vm_memory_high_watermark", on ? "0.000001" : "0.6");
}
