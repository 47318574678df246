/** Files are replaced again and again under a steady load, and some are broken. */

import assert from "node:assert/strict";
import { type Client, connect } from "../../runtime/client/mod.ts";
import { type Broker, connectBroker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { full } from "../support/figures.ts";
import { onSharedBroker } from "../support/promises.ts";

const swaps = full ? 100 : 20;
/** Messages per second for each kind of trigger, as far as the machine can handle them beside the deploys. */
const rate = full ? 500 : 100;
/** How many messages of a kind may be under way. Above that the load waits, so that it measures deploys and no overload. */
const maxUnderWay = 2 * rate;
/** How many files of each kind are replaced one by one at the end. */
const singles = full ? 10 : 2;
const prefetch = 20;
/** How long six deploys together may take: the load leaves them little of the processors. What counts is that nothing is lost. */
const patienceMs = 60_000;
const done = "done";

/** How to send a message to a function of each kind. */
const kinds = {
  queue: { trigger: `queue("work.queue"`, exchange: "", key: "work.queue", headers: {} },
  fanout: { trigger: `fanout("work.fanout"`, exchange: "work.fanout", key: "", headers: {} },
  direct: { trigger: `direct("work.direct", ["go"]`, exchange: "work.direct", key: "go", headers: {} },
  topic: { trigger: `topic("work.topic", ["go.*"]`, exchange: "work.topic", key: "go.now", headers: {} },
  headers: {
    trigger: `headers("work.headers", { all: { go: "yes" } }`,
    exchange: "work.headers",
    key: "",
    headers: { go: "yes" },
  },
  rpc: { trigger: `rpc("work.rpc"`, exchange: "", key: "work.rpc", headers: {} },
} as const;
type Kind = keyof typeof kinds;
const all = Object.keys(kinds) as Kind[];

/** A run, as its handler reported it: the message, the version, and when it began (ms since the epoch). */
interface Done {
  readonly id: string;
  readonly version: number;
  readonly at: number;
}

/** A version that was written, and when (ms since the epoch) it was written and went live, or was reported as broken. */
interface Swap {
  readonly kind: Kind;
  readonly version: number;
  readonly written: number;
  readonly takenOver: number;
}

/** A version of a function. Every tenth also has other settings, so that its consumer is replaced. */
function source(kind: Kind, version: number): string {
  const more = version % 20 >= 10 ? 1 : 0;
  const publish = kind === "rpc" ? "" : `, publish: { queue: "${done}" }`;
  return `export default ${kinds[kind].trigger}, { prefetch: ${prefetch + more}${publish} }, ` +
    `(id) => ({ id, version: ${version}, at: Date.now() }));`;
}

const isBroken = (version: number) => version % 5 === 0;

const name = "Replacing files under load loses no message, and each version ends when the next one is live";
onSharedBroker("P17", name, async ({ url }, report) => {
  await using broker = await connectBroker(url);
  await broker.channel.assertQueue(done);
  await using client = await connect(url);
  await using app = await runApp({
    functions: Object.fromEntries(all.map((kind) => [kind, source(kind, 1)])),
    broker: url,
    watch: {},
    isolate: "process",
  });
  const runs = collect(broker);
  using load = startLoad(broker, client, runs);
  const began = performance.now();
  const perSecond = (count: number) => Math.round(count / (performance.now() - began) * 1000);

  const made: Swap[] = [];
  /** Writes a version of some functions together, and waits until each is live, or reported as broken. */
  const swap = async (version: number, some: readonly Kind[]) => {
    const written = Date.now();
    await Promise.all(some.map((kind) => app.write(kind, isBroken(version) ? "(" : source(kind, version))));
    const event = isBroken(version) ? "problem" : "deployed";
    const before = made.filter((swap) => isBroken(swap.version) === isBroken(version)).length;
    await app.events(event, before + some.length, {}, patienceMs);
    const takenOver = Date.now();
    made.push(...some.map((kind) => ({ kind, version, written, takenOver })));
  };
  let version = 1;
  while (version <= swaps) await swap(++version, all);
  const together = made.length;
  for (const kind of all.flatMap((kind) => Array<Kind>(singles).fill(kind))) {
    if (isBroken(++version)) version++;
    await swap(version, [kind]);
  }
  const sent = await load.stop();
  await runs.until((ids) => sent.every((id) => ids.has(id)));

  const found = runs.all();
  const late = overdue(found, made);
  const lost = sent.filter((id) => !runs.ids.has(id)).length;
  report({
    what: "files swapped under load, six kinds of triggers",
    goal: "lost 0, no more than the in-flight after the successor; written to run 300 ms",
    tried: { swaps, messages: sent.length, "a second and kind": perSecond(sent.length / all.length) },
    confirmed: sent.length,
    lost,
    duplicated: found.length - runs.ids.size,
    further: {
      "most runs after a successor": late,
      "file written to first run p50 ms": median(firstRuns(found, made.slice(together))),
      "six files at once": median(firstRuns(found, made.slice(0, together))),
    },
  });
  assert.equal(lost, 0);
  assert.ok(late <= prefetch + 1, `${late} runs of a version whose successor had taken over`);
  assert.deepEqual(app.seen("dead-lettered"), []);
});

/**
 * Sends to every kind at the rate until it is stopped, less where messages are not handled as fast. Then returns the ids of
 * the sent, confirmed messages.
 */
function startLoad(broker: Broker, client: Client, runs: ReturnType<typeof collect>) {
  const everyMs = 20;
  const sent: string[] = [];
  const pending = new Set<Promise<unknown>>();
  const failures: unknown[] = [];
  const sentOf = new Map<Kind, number>();
  const under = (kind: Kind) => (sentOf.get(kind) ?? 0) - runs.handled(kind);
  const send = (kind: Kind) => {
    sentOf.set(kind, (sentOf.get(kind) ?? 0) + 1);
    const { exchange, key, headers } = kinds[kind];
    const id = `${kind}.${sent.push("") - 1}`;
    sent[sent.length - 1] = id;
    const body = JSON.stringify(id);
    const sending = kind === "rpc"
      ? client.call<Done>(key, id).then(runs.add)
      : broker.publish(exchange, key, body, { headers, mandatory: true, contentType: "application/json" });
    pending.add(sending);
    sending.catch((error) => failures.push(error)).finally(() => pending.delete(sending));
  };
  const began = performance.now();
  let rounds = 0;
  const timer = setInterval(() => {
    // Catches up on what a busy machine has missed.
    for (; rounds < (performance.now() - began) / everyMs; rounds++) {
      for (const kind of all.filter((kind) => under(kind) < maxUnderWay)) {
        for (let i = 0; i < rate * everyMs / 1000; i++) send(kind);
      }
    }
  }, everyMs);
  return {
    async stop(): Promise<string[]> {
      clearInterval(timer);
      await Promise.allSettled(pending);
      if (failures.length > 0) {
        throw new AggregateError(failures, `${failures.length} messages were not taken`);
      }
      return sent;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** The runs, from the queue that gets every handler's result. */
function collect(broker: Broker) {
  const runs: Done[] = [];
  const ids = new Set<string>();
  const handled = new Map<string, number>();
  let more = Promise.withResolvers<void>();
  const add = (run: Done) => {
    runs.push(run);
    if (!ids.has(run.id)) handled.set(kindOf(run), (handled.get(kindOf(run)) ?? 0) + 1);
    ids.add(run.id);
    more.resolve();
    more = Promise.withResolvers();
  };
  broker.channel.consume(done, (message) => void (message && add(JSON.parse(String(message.content)))), {
    noAck: true,
  });
  return {
    add,
    ids: ids as ReadonlySet<string>,
    /** How many messages of a kind were handled at least once. */
    handled: (kind: Kind) => handled.get(kind) ?? 0,
    all: () => runs,
    async until(enough: (ids: ReadonlySet<string>) => boolean): Promise<void> {
      const deadline = AbortSignal.timeout(30_000);
      const late = new Promise<void>((resolve) => deadline.addEventListener("abort", () => resolve()));
      while (!enough(ids) && !deadline.aborted) await Promise.race([more.promise, late]);
    },
  };
}

const kindOf = ({ id }: Done) => id.slice(0, id.indexOf("."));

/** The highest number of runs that a version of one function began after its successor was live. */
function overdue(runs: readonly Done[], made: readonly Swap[]): number {
  const counts = new Map<string, number>();
  for (const run of runs) {
    const kind = kindOf(run);
    const successor = made.find((swap) =>
      swap.kind === kind && swap.version > run.version && !isBroken(swap.version)
    );
    if (successor === undefined || run.at <= successor.takenOver) continue;
    const key = `${kind} ${run.version}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** Milliseconds from writing each version to its first run. */
function firstRuns(runs: readonly Done[], made: readonly Swap[]): number[] {
  const first = new Map<string, number>();
  for (const run of runs) {
    const key = `${kindOf(run)} ${run.version}`;
    first.set(key, Math.min(run.at, first.get(key) ?? Infinity));
  }
  return made.flatMap(({ kind, version, written }) => {
    const at = first.get(`${kind} ${version}`);
    return at === undefined ? [] : [at - written];
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
