import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import type { Said } from "../support/flood_program.ts";
import { startHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeIds } from "../support/load.ts";
import { start } from "../support/process.ts";
import { onOwnBroker } from "../support/promises.ts";

const cap = 64 * 2 ** 20;

/** Little enough to be filled quickly, and more than what is under way when it is full. */
const brokers = { embedded: { memory: 128 * 2 ** 20 } };

for (const [size, bytes, count] of [["small", 100, 100_000], ["large", 100_000, 5_000]] as const) {
  onOwnBroker(
    "P10",
    `Publishing to a blocked broker uses a limited amount of memory: ${size} messages`,
    async (node, report) => {
      await using broker = await connectBroker(node.url);
      await broker.channel.assertQueue("there");
      await node.alarm(true);
      const flood = new URL("../support/flood_program.ts", import.meta.url).pathname;
      const options = JSON.stringify({ url: node.url, queue: "there", count, bytes });
      await using program = start(Deno.execPath(), ["run", "-A", flood, options]);

      const settled: Said = JSON.parse(await program.line(`"settled"`, { timeout: 60_000 }));
      const unblocked = Date.now();
      await node.alarm(false);
      const again: Said = JSON.parse(await program.line(`"taken again"`));
      const seconds = (Date.now() - unblocked) / 1000;

      const refused = count - settled.confirmed.length;
      const errors = Object.keys(again.codes).filter((code) => code !== "CONFIRMED");
      const taken = await takeIds(broker, "there");
      const lost = again.confirmed.filter((id) => !taken.includes(id));
      // Messages that were under way when the broker blocked may arrive, although their sender got an error.
      const more = taken.filter((id) => !again.confirmed.includes(id));
      report({
        what: `${size} messages into a blocked broker`,
        goal: `at most ${cap / 2 ** 20} MB held, then a fast failure`,
        tried: { messages: count },
        confirmed: again.confirmed.length,
        lost: lost.length,
        duplicated: taken.length - new Set(taken).size,
        healed: seconds,
        further: {
          refused,
          "slowest refusal ms": settled.slowestRefusal,
          "most held MB": settled.maxBytes / 2 ** 20,
          "RSS grew MB": settled.rss / 2 ** 20,
          "under way when it blocked": settled.underWay,
          "of these taken": more.length,
        },
      });
      assert.ok(settled.maxBytes <= cap, `${settled.maxBytes} bytes held`);
      assert.ok(settled.rss <= 4 * cap, `${settled.rss} bytes of memory`);
      assert.equal(refused, count);
      assert.ok(settled.slowestRefusal < 1000, `${settled.slowestRefusal} ms until a refusal`);
      assert.deepEqual(errors.filter((code) => !/BLOCKED|PUBLISH_FAILED/.test(code)), []);
      assert.deepEqual(lost, []);
      assert.ok(
        settled.uncertain.length <= settled.underWay,
        `${settled.uncertain.length} of uncertain outcome`,
      );
      assert.deepEqual(more.filter((id) => !again.uncertain.includes(id)), []);
    },
    brokers,
  );
}

const meanwhile =
  "While the broker is blocked messages are consumed, and failed ones are moved when it is unblocked";
onOwnBroker("P10", meanwhile, async (node, report) => {
  await using broker = await connectBroker(node.url);
  await using ledger = await startLedger();
  await using hopper = await startHopper({
    functions: {
      work: ledger.worker("work", {
        options: { prefetch: 10 },
        does: `await new Promise((resolve) => setTimeout(resolve, 200));
          if (id.startsWith("bad")) throw new Reject("It is bad");`,
      }),
    },
    broker: node.url,
  });
  const [good, bad] = [ids("good", 360), ids("bad", 40)];
  await sendAll(broker, "work", bad.flatMap((id, index) => [id, ...good.slice(index * 9, index * 9 + 9)]));

  await node.alarm(true);
  const before = await ledger.count("ended");
  await ledger.said("ended", before + 20);
  const consumed = await ledger.count("ended") - before;
  await node.alarm(false);

  const unhandled = await ledger.missing("ended", good);
  await hopper.events("dead-lettered", bad.length, {}, { timeout: 60_000 });
  const dead = await takeIds(broker, "work.dead");
  const lost = bad.filter((id) => !dead.includes(id));
  report({
    what: "consuming from a blocked broker, every tenth message is to be moved",
    goal: "lost 0",
    tried: { messages: good.length + bad.length },
    confirmed: good.length + bad.length,
    lost: unhandled.length + lost.length,
    duplicated: dead.length - new Set(dead).size,
    further: { "handled while it was blocked": consumed, "dead-lettered": dead.length },
  });
  assert.deepEqual(unhandled, []);
  assert.deepEqual(dead.toSorted(), bad.toSorted());
}, brokers);
