/**
 * `deno task bench steady [--messages N]`: whether a runtime stays as it is. `hopper run` handles ten million messages in a
 * process of the function, with everything on that is on by default. Each million is one row: rate, memory, event loop.
 */
import { start } from "../support/process.ts";
import { type StartedRuntime, startRuntime } from "./hopper_run.ts";
import { seriesIn } from "../support/metrics.ts";
import { rabbitmqInstalled, startRabbitmq } from "../support/rabbitmq_node.ts";
import { startEmbeddedNode } from "../support/embedded_node.ts";

const messages = Number(Deno.args[0] ?? 10_000_000);
const rows = 10;
const queue = "steady";
/** Longer than a slow machine takes. */
const patience = { timeout: 2 * 3_600_000 };
const goals = { growth: 20, lag: 0.02, slower: 0.1 };

/** What is known at one moment. */
interface Moment {
  readonly at: number;
  readonly handled: number;
  /** Resident memory of the runtime and of the function's process, in megabytes. */
  readonly runtime: number;
  readonly process: number;
  /** How many looks at the event loop there were, and how many found it late by more than the goal. */
  readonly looks: number;
  readonly late: number;
}

async function megabytes(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
}

/** The processes that a process has started. */
async function childrenOf(pid: number): Promise<number[]> {
  const found: number[] = [];
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    const text = await Deno.readTextFile(`/proc/${pid}/task/${name}/children`).catch(() => "");
    found.push(...text.split(" ").filter(Boolean).map(Number));
  }
  return found;
}

async function look({ pid, admin }: StartedRuntime): Promise<Moment> {
  const series = [...seriesIn(await (await fetch(`${admin}/metrics`)).text())];
  const sum = (name: string, label = "") =>
    series.filter(([one]) => one.startsWith(name) && one.includes(label))
      .reduce((all, [, value]) => all + value, 0);
  const looks = sum("hopper_event_loop_lag_seconds_count");
  const children = await Promise.all((await childrenOf(pid)).map(megabytes));
  return {
    at: performance.now(),
    handled: sum("messaging_client_consumed_messages_total", `function="work"`),
    runtime: await megabytes(pid),
    process: children.reduce((sum, one) => sum + one, 0),
    looks,
    late: looks - sum("hopper_event_loop_lag_seconds_bucket", `le="${goals.lag}"`),
  };
}

if (import.meta.main) {
  await using broker = rabbitmqInstalled() ? await startRabbitmq() : await startEmbeddedNode();
  const options = "prefetch: 100, durable: false";
  await using hopper = await startRuntime({ broker: broker.url, queue, options });
  const producer = new URL("steady/producer.ts", import.meta.url).pathname;
  await using sending = start(Deno.execPath(), [
    "run",
    "-A",
    "--quiet",
    producer,
    broker.url,
    queue,
    String(messages),
    "256",
  ]);
  let hasFailed = false;
  const sent = sending.exit(patience).then(({ code }) => hasFailed = code !== 0);
  console.log("| messages | rate/s | runtime MB | process MB | event loop late by more than 20 ms |");
  console.log("| --- | --- | --- | --- | --- |");
  const moments = [await look(hopper)];
  while (moments.length <= rows) {
    const before = moments.at(-1)!;
    let now = before;
    while (now.handled < messages / rows * moments.length) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      hopper.check();
      if (hasFailed) throw new Error(`The producer failed:\n${sending.output.join("\n")}`);
      now = await look(hopper);
    }
    moments.push(now);
    const rate = (now.handled - before.handled) / (now.at - before.at) * 1000;
    const late = (now.late - before.late) / (now.looks - before.looks) * 100;
    const cells = [now.handled, rate, now.runtime, now.process].map((value) =>
      Math.round(value).toLocaleString("en")
    );
    console.log(`| ${cells.join(" | ")} | ${late.toFixed(1)} % |`);
  }
  await sent;
  judge(moments);
}

/** Says for each goal what was found. */
function judge([, first, ...later]: readonly Moment[]): void {
  const all = [first!, ...later];
  const rates = later.map((one, i) => (one.handled - all[i]!.handled) / (one.at - all[i]!.at) * 1000);
  const last = later.at(-1)!;
  const slowest = Math.min(...rates) / rates[0]!;
  const say = (what: string, met: boolean) => console.log(`${met ? "met" : "MISSED"}: ${what}`);
  const growth = Math.max(...later.map(({ runtime }) => runtime)) - first!.runtime;
  const grown = Math.max(...later.map(({ process }) => process)) - first!.process;
  console.log();
  say(`the runtime's memory grew by ${growth.toFixed(0)} MB (goal ${goals.growth})`, growth <= goals.growth);
  say(`the process's memory grew by ${grown.toFixed(0)} MB (goal ${goals.growth})`, grown <= goals.growth);
  const late = (last.late - first!.late) / (last.looks - first!.looks);
  say(
    `the event loop was late by more than 20 ms in ${(late * 100).toFixed(2)} % of looks (goal 1 %)`,
    late <= 0.01,
  );
  say(
    `the slowest part ran at ${(slowest * 100).toFixed(0)} % of the first (goal ${
      (1 - goals.slower) * 100
    } %)`,
    slowest >= 1 - goals.slower,
  );
}
