/** Three runtimes serve one schedule, while runtimes and the broker are killed and the file is replaced. */

import assert from "node:assert/strict";
import { full } from "../support/figures.ts";
import { type Hopper, spawnHopper } from "../support/hopper.ts";
import { type Entry, type Ledger, startLedger } from "../support/ledger.ts";
import { onOwnBroker } from "../support/promises.ts";

const kills = full ? 20 : 3;
const brokerKills = full ? 20 : 1;
const deploys = full ? 10 : 1;
/** How many ticks pass between two faults. */
const between = 6;
const everyMs = 500;

for (const queueType of ["classic", "quorum"] as const) {
  const name =
    `A schedule fires once for each tick through kills of runtimes and broker, and deploys: ${queueType}`;
  onOwnBroker("P23", name, async (node, report) => {
    await using ledger = await startLedger();
    const functions = { tick: source(ledger, queueType, 1) };
    await using runtimes = new Runtimes();
    const start = () => spawnHopper({ functions, broker: node.url });
    for (let count = 0; count < 3; count++) await runtimes.add(start);
    const passed = async () => await ledger.said("ended", await ledger.count("ended") + between);
    await passed();
    // After this the queues exist on disk: RabbitMQ 3.10 finds no leader for a quorum queue if its only node is killed
    // moments after the queue was declared.
    await node.restart();
    await passed();

    for (let kill = 0; kill < kills; kill++) {
      await runtimes.replaceBusiest(start);
      await passed();
    }
    const byRuntimes = repeated([...await ledger.entries()], "started");
    for (let kill = 0; kill < brokerKills; kill++) {
      await node.kill();
      await node.restart();
      await passed();
    }
    for (let version = 2; version < 2 + deploys; version++) {
      functions.tick = source(ledger, queueType, version);
      await Promise.all(runtimes.all.map((hopper) => hopper.write("tick", functions.tick)));
      await ledger.said(`version${version}`, between);
    }

    const entries = await ledger.entries();
    const { missing, ticks } = missingTicks(entries);
    const late = await ledger.missing("ended", missing, { quiet: 10_000 });
    const all = [...await ledger.entries()];
    const twice = repeated(all, "started");
    // RabbitMQ forgets the latest acknowledgements of a classic queue when it is killed, however many there are.
    const forgets = node.kind === "rabbitmq" && queueType === "classic";
    const most = forgets ? Infinity : kills + brokerKills + 1;
    report({
      what: `schedule every ${everyMs} ms on three runtimes, ${queueType} queue`,
      goal: forgets
        ? `lost 0, run twice by kills of runtimes ≤ ${kills + 1}, never two at once`
        : `lost 0, run twice ≤ ${most} (one for each kill), never two at once`,
      tried: { "runtimes killed": kills, "broker killed": brokerKills, deploys, ticks },
      lost: late.length,
      duplicated: twice,
      further: {
        "twice by kills of runtimes": byRuntimes,
        "at once": overlaps(all),
        "ended twice": repeated(all, "ended"),
      },
    });
    assert.deepEqual(late, []);
    assert.ok(byRuntimes <= kills + 1, `${byRuntimes} ticks were run twice by kills of runtimes`);
    assert.ok(twice <= most, `${twice} ticks were run twice`);
    assert.equal(overlaps(all), 0);
  });
}

function source(ledger: Ledger, queueType: string, version: number): string {
  const permissions = { net: [new URL(ledger.url).host] };
  return `import { schedule } from "hopper";
const note = async (what, id) => {
  const response = await fetch("${ledger.url}/" + what, { method: "POST", body: id });
  if (!response.ok) throw new Error("The ledger refused an entry");
};
const options = ${JSON.stringify({ queueType, catchUp: "all", permissions })};
export default schedule("every ${everyMs}ms", options, async (tick) => {
  const id = tick.at.toISOString();
  await note("started", id);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await note("version${version}", id);
  await note("ended", id);
});
`;
}

/** The runtimes that serve the schedule. */
class Runtimes implements AsyncDisposable {
  readonly all: Hopper[] = [];

  async add(start: () => Promise<Hopper>): Promise<void> {
    const hopper = await start();
    this.all.push(hopper);
    await hopper.event("ready", {}, { timeout: 60_000 });
  }

  /** Kills the one that ran the latest tick, and starts another. */
  async replaceBusiest(start: () => Promise<Hopper>): Promise<void> {
    const latest = ({ output }: Hopper) =>
      output.findLast((line) => line.includes('"event":"handled"')) ?? "";
    const timeOf = (hopper: Hopper) => /"time":"([^"]*)"/.exec(latest(hopper))?.[1] ?? "";
    const busiest = this.all.toSorted((a, b) => timeOf(a) < timeOf(b) ? 1 : -1)[0]!;
    busiest.signal("SIGKILL");
    await busiest.exit();
    this.all.splice(this.all.indexOf(busiest), 1);
    await busiest[Symbol.asyncDispose]();
    await this.add(start);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((hopper) => hopper[Symbol.asyncDispose]()));
  }
}

/** The ticks from the first to the last one that no run has ended yet, and how many there are in all. */
function missingTicks(entries: readonly Entry[]): { missing: string[]; ticks: number } {
  const ended = new Set(entries.filter(({ what }) => what === "ended").map(({ id }) => id));
  const times = [...ended].map((id) => Date.parse(id));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const all = Array.from(
    { length: (last - first) / everyMs + 1 },
    (_, i) => new Date(first + i * everyMs).toISOString(),
  );
  return { missing: all.filter((id) => !ended.has(id)), ticks: all.length };
}

/** How many ticks began while another ran that then ended. */
function overlaps(entries: readonly Entry[]): number {
  let count = 0;
  for (const [i, { what, id }] of entries.entries()) {
    if (what !== "started") continue;
    const after = entries.slice(i + 1);
    const end = after.findIndex((entry) => entry.id === id && entry.what === "ended");
    const again = after.findIndex((entry) => entry.id === id && entry.what === "started");
    // A run that was killed does not end; the tick is started again.
    if (end < 0 || (again >= 0 && again < end)) continue;
    count += after.slice(0, end).filter(({ what }) => what === "started").length;
  }
  return count;
}

/** How many entries repeat one of the same tick. */
function repeated(entries: readonly Entry[], wanted: string): number {
  const ids = entries.filter(({ what }) => what === wanted).map(({ id }) => id);
  return ids.length - new Set(ids).size;
}
