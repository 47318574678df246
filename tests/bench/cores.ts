/**
 * `deno task bench cores [--rounds N]`: what becomes of one queue's messages with more processes of a function, and with more
 * runtimes. The embedded broker runs in a process of its own. Of a runtime it is computed how many messages a second it would
 * take if it had a core for itself: so far it is not the limit.
 */
import { start } from "../support/process.ts";
import amqp from "amqplib";
import { startBroker } from "./brokers.ts";
import { descendants, processes } from "./cpu.ts";
import { median } from "./figures.ts";
import { startRuntime } from "./hopper_run.ts";

const rounds = Number(Deno.args[0] ?? 3);
const messages = 240_000;
const warmup = messages / 4;

/** So many runtimes, each with so many processes of the function. */
const shapes = [
  { runtimes: 1, instances: 1 },
  { runtimes: 1, instances: 2 },
  { runtimes: 1, instances: 4 },
  { runtimes: 2, instances: 1 },
  { runtimes: 2, instances: 2 },
];

interface Found {
  /** Messages a second. */
  readonly rate: number;
  /** Microseconds of processor time a message, in all runtimes and in all processes of the function. */
  readonly runtime: number;
  readonly functions: number;
}

if (import.meta.main) {
  await using broker = await startBroker("embedded");
  const found = shapes.map(() => [] as Found[]);
  for (let round = 0; round < rounds; round++) {
    for (const [i, shape] of shapes.entries()) found[i]!.push(await measure(broker.url, shape));
  }
  console.log(
    "| runtimes × processes | a second | µs a message: runtimes | processes | one runtime alone on a core |",
  );
  console.log("| --- | --- | --- | --- | --- |");
  for (const [i, { runtimes, instances }] of shapes.entries()) {
    const of = (part: keyof Found) => median(found[i]!.map((one) => one[part]));
    const whole = (value: number) => Math.round(value).toLocaleString("en");
    console.log(
      `| ${runtimes} × ${instances} | ${whole(of("rate"))} | ${of("runtime").toFixed(1)} | ${
        of("functions").toFixed(1)
      } | ${whole(1e6 / of("runtime"))}/s |`,
    );
  }
}

async function measure(broker: string, { runtimes, instances }: typeof shapes[number]): Promise<Found> {
  const queue = `cores-${crypto.randomUUID()}`;
  const connection = await amqp.connect(broker, { noDelay: true });
  const channel = await connection.createChannel();
  await channel.assertQueue(queue);
  const options = `prefetch: 100, instances: ${instances}`;
  const producer = new URL("steady/producer.ts", import.meta.url).pathname;
  await using started = new AsyncDisposableStack();
  // Filled first, so that the producer takes no time from what is measured.
  const args = [broker, queue, `${messages}`, "256", `${messages}`];
  const { code } = await start(Deno.execPath(), ["run", "-A", "--quiet", producer, ...args])
    .exit({ timeout: 300_000 });
  if (code !== 0) throw new Error("The producer failed");
  const running = await Promise.all(
    Array.from(
      { length: runtimes },
      async () => started.use(await startRuntime({ broker, queue, options })),
    ),
  );
  const left = async () => (await channel.checkQueue(queue)).messageCount;
  const until = async (count: number) => {
    while (await left() > count) {
      for (const one of running) one.check();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return { at: performance.now(), left: await left(), ...used(running.map(({ pid }) => pid)) };
  };
  const from = await until(messages - warmup);
  const to = await until(0);
  await channel.deleteQueue(queue);
  await connection.close();
  const count = from.left - to.left;
  return {
    rate: count / (to.at - from.at) * 1000,
    runtime: (to.runtime - from.runtime) / count * 1e6,
    functions: (to.functions - from.functions) / count * 1e6,
  };
}

/** Seconds of processor time that these runtimes and their processes have used. */
function used(pids: readonly number[]): { runtime: number; functions: number } {
  const all = processes() ?? [];
  const sum = (some: readonly { seconds: number }[]) =>
    some.reduce((total, { seconds }) => total + seconds, 0);
  return {
    runtime: sum(all.filter(({ pid }) => pids.includes(pid))),
    functions: sum(descendants(all, pids)),
  };
}
