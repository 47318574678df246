/** Batches, of which some messages fail, while runtime and broker are killed and files replaced. */

import assert from "node:assert/strict";
import { type Broker, connectBroker } from "../support/amqp.ts";
import { full } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { type Ledger, startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeAll } from "../support/load.ts";
import { onOwnBroker, onSharedBroker } from "../support/promises.ts";

const size = 10;
const attempts = 3;
const batches = full ? 200 : 20;
const kills = full ? 20 : 3;
const swaps = full ? 50 : 5;

/** A message that fails each time, and one that ends its process. */
const isBad = (id: string) => id.startsWith("bad");
const poison = "poison";

/** Notes for each message that its batch began and ended, in one request each. `ms` is how long a batch takes. */
function worker(ledger: Ledger, { ms = 0, version = 1, queueType = "classic" } = {}): string {
  const options = {
    batch: { size, wait: "20ms" },
    retry: { attempts, delay: "50ms", factor: 1 },
    pause: false,
    queueType,
    permissions: { net: [new URL(ledger.url).host] },
  };
  return `import { BatchFailed, queue } from "hopper";
const note = (what, ids) => Promise.all(ids.map((id) => fetch("${ledger.url}/" + what, { method: "POST", body: id })));
export default queue("work", ${JSON.stringify(options)}, async (items, { messages }) => {
  const ids = messages.map(({ id }) => id);
  await note("started", ids);
  if (ids.includes("${poison}")) Deno.exit(1);
  await new Promise((resolve) => setTimeout(resolve, ${ms}));
  const failures = ids.flatMap((id, item) => id.startsWith("bad") ? [{ item, error: new Error("No ${version}") }] : []);
  await note("ended", ids.filter((id) => !id.startsWith("bad")));
  if (failures.length > 0) throw new BatchFailed(failures);
});
`;
}

/** One bad message among every ten. */
function oneInTen(count: number, round = ""): string[] {
  return Array.from({ length: count * size }, (_, i) => `${i % size === 3 ? "bad" : "good"}${round}.${i}`);
}

/** What became of the messages. */
async function resultOf(ledger: Ledger, broker: Broker, sent: readonly string[]) {
  const [good, bad] = [sent.filter((id) => !isBad(id)), sent.filter(isBad)];
  const lost = await ledger.missing("ended", good);
  const dead = await takeAll(broker, "work.dead", bad);
  const entries = await ledger.entries("started");
  const startsOf = Map.groupBy(entries, ({ id }) => id);
  return {
    good,
    bad,
    lost,
    again: good.filter((id) => (startsOf.get(id)?.length ?? 0) > 1).length,
    starts: (id: string) => startsOf.get(id)?.length ?? 0,
    dead,
  };
}

for (const isolate of ["process", "inline"]) {
  for (const queueType of ["classic", "quorum"]) {
    const name =
      `Of ten messages in a batch one fails, and the nine run once: ${isolate}, ${queueType} queue`;
    onSharedBroker("P16", name, async ({ url }, report) => {
      await using broker = await connectBroker(url);
      await using ledger = await startLedger();
      await using _hopper = await startHopper({
        functions: { work: worker(ledger, { queueType }) },
        config: `export default { defaults: { isolate: "${isolate}" } };`,
        broker: url,
      });
      const sent = oneInTen(batches);
      await sendAll(broker, "work", sent);
      const { good, bad, lost, again, starts, dead } = await resultOf(ledger, broker, sent);
      report({
        what: `one bad message in ten, in batches, ${isolate}, ${queueType} queue`,
        goal: "the nine run once",
        tried: { messages: sent.length },
        confirmed: sent.length,
        lost: lost.length,
        duplicated: again,
        further: { "dead-lettered": dead.length },
      });
      assert.deepEqual(lost, []);
      assert.equal(again, 0);
      assert.deepEqual(dead.toSorted(), bad.toSorted());
      assert.deepEqual([...new Set(bad.map(starts))], [attempts]);
      assert.deepEqual([...new Set(good.map(starts))], [1]);
    });
  }
}

onSharedBroker(
  "P16",
  "A message that ends its process is given up, and those in its batch are handled",
  async ({ url }, report) => {
    await using broker = await connectBroker(url);
    await using ledger = await startLedger();
    await using _hopper = await startHopper({ functions: { work: worker(ledger) }, broker: url });
    const innocents = ids("innocent", 10 * size);
    await sendAll(broker, "work", [...innocents.slice(0, 35), poison, ...innocents.slice(35)]);
    const { lost, starts } = await resultOf(ledger, broker, innocents);
    const dead = await takeAll(broker, "work.dead", [poison]);
    report({
      what: "a message in a batch that kills its process",
      goal: "0 others dead-lettered",
      tried: { innocents: innocents.length },
      confirmed: innocents.length + 1,
      lost: lost.length,
      duplicated: innocents.filter((id) => starts(id) > 1).length,
      further: { "innocents dead-lettered": dead.filter((id) => id !== poison).length },
    });
    assert.deepEqual(lost, []);
    assert.deepEqual(dead, [poison]);
  },
);

onSharedBroker(
  "P16",
  "A runtime that is killed again and again while batches run handles all messages",
  async ({ url }, report) => {
    await using broker = await connectBroker(url);
    await using ledger = await startLedger();
    const functions = { work: worker(ledger, { ms: 20 }) };
    const start = () => startHopper({ functions, broker: url });
    const sent = oneInTen(kills * 30);
    for (let kill = 0; kill < kills; kill++) {
      await using hopper = await start();
      if (kill === 0) await sendAll(broker, "work", sent);
      await ledger.said("ended", (kill + 1) * 100);
      hopper.signal("SIGKILL");
      await hopper.exit();
    }
    await using _last = await start();
    await judge({
      ledger,
      broker,
      sent,
      report,
      what: "runtime killed while batches run",
      kills,
      most: kills * 2 * size,
    });
  },
);

// A RabbitMQ that is killed may lose what it moves back from a classic retry queue at that moment, so this one is quorum.
onOwnBroker("P16", "A broker that is killed while batches run loses none of them", async (node, report) => {
  await using ledger = await startLedger();
  const functions = { work: worker(ledger, { ms: 20, queueType: "quorum" }) };
  await using hopper = await startHopper({ functions, broker: node.url });
  const sent = oneInTen(1, ".first");
  const send = async (some: readonly string[]) => {
    await using broker = await connectBroker(node.url);
    await sendAll(broker, "work", some);
  };
  // After this the queues exist on disk, also that of the dead letters: RabbitMQ finds no leader for a quorum queue if its
  // only node is killed moments after the queue was declared.
  await send(sent);
  await ledger.said("ended", size - 1);
  await hopper.event("dead-lettered", { queue: "work.dead" }, { timeout: 60_000 });
  await node.restart();
  for (let kill = 0; kill < kills; kill++) {
    const round = oneInTen(30, `.${kill}`);
    await send(round);
    sent.push(...round);
    await ledger.said("ended", await ledger.count("ended") + 50);
    await node.kill();
    await node.restart();
  }
  await using broker = await connectBroker(node.url);
  await judge({ ledger, broker, sent, report, what: "broker killed while batches run", kills });
});

onOwnBroker(
  "P16",
  "A batch that gathers when the connection is lost gathers anew, and waits no longer for it",
  async (node, report) => {
    await using ledger = await startLedger();
    await using _hopper = await startHopper({
      functions: { work: worker(ledger).replace(`"wait":"20ms"`, `"wait":"1m"`) },
      broker: node.url,
    });
    const sent = ids("good", size);
    {
      await using broker = await connectBroker(node.url);
      await sendAll(broker, "work", sent.slice(0, size / 2));
      while (await broker.waiting("work") > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await node.closeConnections();
    await using broker = await connectBroker(node.url);
    await sendAll(broker, "work", sent.slice(size / 2));
    const began = performance.now();
    const lost = await ledger.missing("ended", sent);
    const seconds = (performance.now() - began) / 1000;
    const started = await ledger.count("started");
    report({
      what: "connection lost while a batch gathers",
      goal: "lost 0, handled within 20 s",
      tried: { messages: sent.length },
      confirmed: sent.length,
      lost: lost.length,
      duplicated: started - sent.length,
      further: { "handled after s": Math.round(seconds) },
    });
    assert.deepEqual(lost, []);
    assert.equal(started, sent.length);
    assert.ok(seconds < 20, `${seconds} s`);
  },
);

onSharedBroker(
  "P16",
  "Files that are replaced while batches gather and run lose nothing",
  async ({ url }, report) => {
    await using broker = await connectBroker(url);
    await using ledger = await startLedger();
    await using hopper = await startHopper({ functions: { work: worker(ledger) }, broker: url });
    const sent: string[] = [];
    for (let version = 2; version < swaps + 2; version++) {
      const round = oneInTen(20, `.${version}`);
      const sending = sendAll(broker, "work", round);
      await hopper.write("work", worker(ledger, { version }));
      await sending;
      sent.push(...round);
      await hopper.events("deployed", version - 1, {}, { timeout: 60_000 });
    }
    await judge({
      ledger,
      broker,
      sent,
      report,
      what: "file replaced while batches run",
      kills: 0,
      most: 0,
    });
  },
);

interface Judged {
  readonly ledger: Ledger;
  readonly broker: Broker;
  readonly sent: readonly string[];
  readonly report: Parameters<Parameters<typeof onSharedBroker>[2]>[1];
  readonly what: string;
  readonly kills: number;
  /** How many good messages may run again, if that is known: a broker that is killed may have forgotten acknowledgements. */
  readonly most?: number;
}

/** Every good message was handled, every bad one is a dead letter, and not more came twice than kills explain. */
async function judge({ ledger, broker, sent, report, what, kills, most }: Judged) {
  const { bad, lost, again, dead } = await resultOf(ledger, broker, sent);
  const given = new Set(dead);
  report({
    what,
    goal: most === undefined ? "lost 0" : `lost 0, run again ≤ ${most}`,
    tried: { kills, messages: sent.length },
    confirmed: sent.length,
    lost: lost.length,
    duplicated: again,
    further: { "bad ones in the dead letters": given.size },
  });
  assert.deepEqual(lost, []);
  assert.deepEqual(bad.filter((id) => !given.has(id)), []);
  assert.deepEqual([...given].filter((id) => !isBad(id)), []);
  assert.ok(again <= (most ?? Infinity), `${again} good messages ran again`);
}
