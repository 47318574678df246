/**
 * `deno task bench observe`: what it costs to be seen. The throughput of a function with everything on (runs, figures,
 * metrics, an open page) is compared with everything off, in turn, on a separate RabbitMQ; and the memory that a million
 * runs take is measured.
 */
import { Buffer } from "node:buffer";
import { connectBroker } from "../support/amqp.ts";
import { type RabbitNode, startRabbitmq } from "../support/rabbitmq.ts";
import { median } from "./figures.ts";
import { figures, startProgram } from "./host/program.ts";

const rounds = Number(Deno.args[0] ?? 5);
const isolations = ["process", "inline"] as const;
const modes = ["off", "on", "page"] as const;
type Mode = typeof modes[number];

const [warmup, count] = [10_000, 90_000];
const goal = 0.9;

if (import.meta.main) {
  await using node = await startRabbitmq();
  console.log("| what | all off /s | on /s | on, page open /s | ratio on | ratio page open | goal |");
  console.log("| --- | --- | --- | --- | --- | --- | --- |");
  for (const isolate of isolations) {
    const rates: Record<Mode, number[]> = { off: [], on: [], page: [] };
    for (let round = 0; round < rounds; round++) {
      // The order changes each round, because it matters who is first.
      const order = round % 2 === 0 ? modes : modes.toReversed();
      for (const mode of order) rates[mode].push(await rate(node, isolate, mode));
    }
    const ratio = (mode: Mode) =>
      median(rates[mode].map((value, round) => value / rates.off[round]!)).toFixed(2);
    const shown = modes.map((mode) => Math.round(median(rates[mode])).toLocaleString("en"));
    console.log(
      `| consume, ${isolate} | ${shown.join(" | ")} | ${ratio("on")} | ${ratio("page")} | ${goal} |`,
    );
  }
  const { runs, ms, kept, bytes, grown } = await store();
  const mib = (value: number) => (value / 1024 / 1024).toFixed(1);
  console.log(
    `\n${runs.toLocaleString("en")} runs in ${(ms / 1000).toFixed(1)} s (${
      (ms / runs * 1000).toFixed(1)
    } µs each): ` +
      `${kept.toLocaleString("en")} kept, counted as ${mib(bytes)} MiB, memory grown by ${
        mib(grown)
      } MiB (bound: 64 MiB)`,
  );
}

async function rate(node: RabbitNode, isolate: "process" | "inline", mode: Mode): Promise<number> {
  const queue = `bench-${crypto.randomUUID()}`;
  await using broker = await connectBroker(node.url);
  await broker.channel.assertQueue(queue);
  const body = Buffer.alloc(256, "x");
  const options = { messageId: "", contentType: "text/plain" };
  for (let i = 0; i < warmup + count; i++) {
    broker.channel.sendToQueue(queue, body, { ...options, messageId: `m${i}` });
  }
  await broker.channel.waitForConfirms();
  const functions = await Deno.makeTempDir({ prefix: "hopper-bench-" });
  const source =
    `import { queue } from "hopper";\nexport default queue("${queue}", { prefetch: 100, codec: "bytes" }, () => {});`;
  await Deno.writeTextFile(`${functions}/consume.ts`, source);
  try {
    const admin = mode !== "off";
    await using runtime = startProgram("runtime", {
      functions,
      broker: node.url,
      isolate,
      warmup,
      count,
      admin,
    });
    const page = mode === "page"
      ? openPage((await figures(runtime, "page")).page as unknown as string)
      : undefined;
    const { handled } = await figures(runtime, "handled");
    page?.kill("SIGKILL");
    await page?.status;
    runtime.signal("SIGTERM");
    await runtime.exit();
    await broker.channel.deleteQueue(queue);
    return count / handled! * 1000;
  } finally {
    await Deno.remove(functions, { recursive: true });
  }
}

function openPage(address: string): Deno.ChildProcess {
  const program = new URL("observe/page.ts", import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), { args: ["run", "-A", "--quiet", program, address] }).spawn();
}

async function store(): Promise<Record<"runs" | "ms" | "kept" | "bytes" | "grown", number>> {
  const program = new URL("observe/store.ts", import.meta.url).pathname;
  const args = ["run", "-A", "--quiet", "--v8-flags=--expose-gc", program];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}
