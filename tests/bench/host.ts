/**
 * `deno task bench host`: the cost of a process for each function, compared with running inline. Runs on a separate
 * RabbitMQ, each mode in turn and in its own process. The ratios are the result.
 */
import { Buffer } from "node:buffer";
import { connect } from "../../runtime/client/mod.ts";
import { connectBroker } from "../support/amqp.ts";
import { type RabbitNode, startRabbitmq } from "../support/rabbitmq.ts";
import { median, percentile } from "./figures.ts";
import { callFrom, figures, startProgram } from "./host/program.ts";
import type { RuntimeOptions } from "./host/runtime.ts";

const rounds = Number(Deno.args[0] ?? 3);
const isolations = ["inline", "process"] as const;
type Isolate = typeof isolations[number];

const rpcOf = (name: string, options: string, handler: string, imports = "") =>
  `import { rpc } from "hopper";\n${imports}\nexport default rpc("${name}", ${options}, ${handler});\n`;
const fib = "const fib = (n: number): number => n < 2 ? n : fib(n - 1) + fib(n - 2);";

function row(...cells: (string | number)[]): void {
  const shown = cells.map((cell) => typeof cell === "number" ? cell.toLocaleString("en") : cell);
  console.log(`| ${shown.join(" | ")} |`);
}

/** Runs a folder of functions during a measurement. */
async function during<T>(
  node: RabbitNode,
  sources: Readonly<Record<string, string>>,
  options: Partial<RuntimeOptions>,
  measure: (runtime: ReturnType<typeof startProgram>) => Promise<T>,
): Promise<T> {
  const functions = await writeFunctions(sources);
  try {
    return await measured({ functions, broker: node.url, ...options }, measure);
  } finally {
    await Deno.remove(functions, { recursive: true });
  }
}

async function writeFunctions(sources: Readonly<Record<string, string>>): Promise<string> {
  const functions = await Deno.makeTempDir({ prefix: "hopper-bench-" });
  for (const [name, source] of Object.entries(sources)) {
    await Deno.writeTextFile(`${functions}/${name}.ts`, source);
  }
  return functions;
}

async function measured<T>(
  options: RuntimeOptions,
  measure: (runtime: ReturnType<typeof startProgram>) => Promise<T>,
): Promise<T> {
  await using runtime = startProgram("runtime", options);
  const result = await measure(runtime);
  runtime.signal("SIGTERM");
  await runtime.exit();
  return result;
}

/** Measures both modes in turn. The ratio is process to inline. */
async function compared(
  what: string,
  goal: string,
  measure: (isolate: Isolate) => Promise<number>,
  shown: (inline: number, process: number) => string,
): Promise<void> {
  const found: Record<Isolate, number[]> = { inline: [], process: [] };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? isolations : isolations.toReversed();
    for (const isolate of order) found[isolate].push(await measure(isolate));
  }
  const result = median(found.process.map((value, round) => value / found.inline[round]!));
  const [inline, process] = [median(found.inline), median(found.process)];
  row(what, shown(inline, process), `ratio ${result.toFixed(2)}`, goal);
}

/**
 * Messages per second of a queue function that does nothing, with 64 at the same time. It runs long enough for all
 * code to be compiled.
 */
async function consumed(node: RabbitNode, isolate: Isolate): Promise<number> {
  const queue = `bench-${crypto.randomUUID()}`;
  const [warmup, count] = [10_000, 60_000];
  await using broker = await connectBroker(node.url);
  await broker.channel.assertQueue(queue);
  const body = Buffer.alloc(256, "x");
  for (let i = 0; i < warmup + count; i++) broker.channel.sendToQueue(queue, body);
  await broker.channel.waitForConfirms();
  const source =
    `import { queue } from "hopper";\nexport default queue("${queue}", { prefetch: 64, codec: "bytes" }, () => {});`;
  const handled = await during(node, { consume: source }, { isolate, warmup, count }, async (runtime) => {
    return (await figures(runtime, "handled")).handled!;
  });
  await broker.channel.deleteQueue(queue);
  return count / handled * 1000;
}

const echo = rpcOf("bench.echo", "{ durable: false, prefetch: 64 }", "(x: unknown) => x");

async function called(node: RabbitNode, isolate: Isolate, inFlight: number) {
  return await during(node, { echo }, { isolate }, async (runtime) => {
    await figures(runtime, "ready");
    const calls = inFlight === 1 ? 3_000 : 20_000;
    return await callFrom({ broker: node.url, rpc: "bench.echo", calls, inFlight });
  });
}

/** The times of the functions' first calls, each beside the time of a bare Deno that does nothing. */
interface ColdStarts {
  readonly calls: number[];
  readonly bare: number[];
}

/** Milliseconds that Deno takes to run an empty program. */
async function bareStart(): Promise<number> {
  const from = performance.now();
  const args = ["run", "--quiet", "--no-config", "--no-prompt", "data:text/javascript,"];
  await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
  return performance.now() - from;
}

/** Milliseconds of the first call of each of these functions. */
async function coldStarts(
  node: RabbitNode,
  imports: string,
  options: string,
): Promise<ColdStarts> {
  const names = Array.from({ length: 15 }, (_, i) => `bench.cold${i}`);
  const sources = Object.fromEntries(
    names.map((name, i) => [`cold${i}`, rpcOf(name, options, "(x: unknown) => x", imports)]),
  );
  return await during(node, sources, {}, async (runtime) => {
    await figures(runtime, "ready");
    await using client = await connect(node.url);
    const [calls, bare]: [number[], number[]] = [[], []];
    for (const name of names) {
      // A process that is started ahead for the previous function must not disturb this one.
      await new Promise((resolve) => setTimeout(resolve, 200));
      bare.push(await bareStart());
      const from = performance.now();
      await client.call(name, 1);
      calls.push(performance.now() - from);
    }
    return { calls, bare };
  });
}

async function fibonacci(node: RabbitNode, instances: number): Promise<number> {
  const name = `bench.fib${instances}`;
  const options = `{ durable: false, instances: ${instances}, timeout: "1m" }`;
  const source = `${fib}\n` + rpcOf(name, options, "(n: number) => fib(n)");
  return await during(node, { fib: source }, {}, async (runtime) => {
    await figures(runtime, "ready");
    const { rate } = await callFrom({ broker: node.url, rpc: name, input: 30, calls: 1_000, inFlight: 8 });
    return rate;
  });
}

async function besideFib(node: RabbitNode): Promise<{ p50: number; p99: number }> {
  const busy = `${fib}\n` + rpcOf("bench.busy", `{ durable: false, timeout: "1m" }`, "(n: number) => fib(n)");
  return await during(node, { echo, busy }, {}, async (runtime) => {
    await figures(runtime, "ready");
    await using client = await connect(node.url);
    await client.call("bench.busy", 1);
    let isOver = false;
    const spinning = (async () => {
      while (!isOver) await client.call("bench.busy", 35, { timeout: "1m" });
    })();
    const figures_ = await callFrom({
      broker: node.url,
      rpc: "bench.echo",
      calls: 1_000,
      inFlight: 1,
      every: 5,
    });
    isOver = true;
    await spinning;
    return figures_;
  });
}

/** A start with 1,000 new functions, and a second start with the same ones. */
async function thousand(node: RabbitNode): Promise<Record<"new" | "unchanged", Idle>> {
  const functions = await writeFunctions(Object.fromEntries(
    Array.from({ length: 1000 }, (_, i) => [
      `idle${i}`,
      `import { queue } from "hopper";\nexport default queue("bench.idle.${i}", { durable: false }, () => {});\n`,
    ]),
  ));
  const memory = await Deno.makeTempDir({ prefix: "hopper-bench-" });
  const start = () =>
    measured({ functions, broker: node.url, memory }, async (runtime) => {
      const { ready } = await figures(runtime, "ready");
      const status = await Deno.readTextFile(`/proc/${runtime.pid}/status`);
      return { ready: ready!, megabytes: Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024 };
    });
  try {
    return { new: await start(), unchanged: await start() };
  } finally {
    for (const folder of [functions, memory]) await Deno.remove(folder, { recursive: true });
  }
}

/** A runtime whose functions do nothing. */
interface Idle {
  /** Milliseconds until all consumers were attached. */
  readonly ready: number;
  readonly megabytes: number;
}

if (import.meta.main) {
  await using node = await startRabbitmq();
  row("what", "figures", "result", "goal");
  row("---", "---", "---", "---");
  const both = (unit: string) => (inline: number, process: number) =>
    `inline ${Math.round(inline).toLocaleString("en")}${unit}, process ${
      Math.round(process).toLocaleString("en")
    }${unit}`;
  await compared("queue, 64 at once", "0.70", (isolate) => consumed(node, isolate), both("/s"));
  await compared(
    "rpc, 64 in flight",
    "0.70",
    async (isolate) => (await called(node, isolate, 64)).rate,
    both("/s"),
  );
  const single: Record<Isolate, number[]> = { inline: [], process: [] };
  for (let round = 0; round < rounds; round++) {
    for (const isolate of isolations) single[isolate].push((await called(node, isolate, 1)).p50);
  }
  const [inline, process] = [median(single.inline), median(single.process)];
  row(
    "rpc, one at a time, p50",
    `inline ${inline.toFixed(2)} ms, process ${process.toFixed(2)} ms`,
    `+${(process - inline).toFixed(2)} ms`,
    "+0.2 ms",
  );
  const { p50, p99 } = await besideFib(node);
  row("echo beside fib(35)", `p50 ${p50.toFixed(2)} ms`, `p99 ${p99.toFixed(2)} ms`, "10 ms");
  const pairs = [];
  for (let round = 0; round < rounds; round++) {
    pairs.push([await fibonacci(node, 1), await fibonacci(node, 2)] as const);
  }
  row(
    "fib(30), 2 instances",
    `1: ${median(pairs.map(([one]) => one)).toFixed(1)}/s, 2: ${
      median(pairs.map(([, two]) => two)).toFixed(1)
    }/s`,
    `ratio ${median(pairs.map(([one, two]) => two / one)).toFixed(2)}`,
    "1.8",
  );
  const zod = `import { z } from "zod";`;
  const plain = await coldStarts(node, "", "{ durable: false }");
  const schema = await coldStarts(node, zod, "{ durable: false, input: z.number() }");
  const p50and90 = ({ calls }: ColdStarts) =>
    `p50 ${median(calls).toFixed(0)} ms, p90 ${percentile(calls, 90).toFixed(0)} ms`;
  const beside = ({ bare }: ColdStarts) => `bare Deno: p50 ${median(bare).toFixed(0)} ms`;
  row("first call, plain", beside(plain), p50and90(plain), "90 ms");
  row("first call, with zod", beside(schema), p50and90(schema), "150 ms");
  for (const [what, { ready, megabytes }] of Object.entries(await thousand(node))) {
    const goal = what === "new" ? "25 s" : "10 s, 150 MB";
    row(
      `1,000 idle functions, ${what}`,
      "",
      `ready in ${(ready / 1000).toFixed(1)} s, ${Math.round(megabytes)} MB`,
      goal,
    );
  }
}
