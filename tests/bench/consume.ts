/**
 * `deno task bench consume`: messages per second through Hopper and through hand-written amqplib, in turn, each in
 * its own process on a separate RabbitMQ. Absolute rates depend on the machine, so the ratio is the result.
 */
import { Buffer } from "node:buffer";
import amqp from "amqplib";
import { type RabbitNode, startRabbitmq } from "../support/rabbitmq.ts";

interface Case {
  readonly name: string;
  readonly prefetch: number;
  readonly slowEvery: number;
  readonly goal: number;
}

const cases: readonly Case[] = [
  { name: "prefetch 100", prefetch: 100, slowEvery: 0, goal: 1.5 },
  { name: "prefetch 10", prefetch: 10, slowEvery: 0, goal: 1.2 },
  { name: "prefetch 1", prefetch: 1, slowEvery: 0, goal: 0.95 },
  { name: "prefetch 100, 1 in 100 slow", prefetch: 100, slowEvery: 100, goal: 1.05 },
];
const contenders = ["amqplib", "hopper"] as const;
const bodyBytes = 256;
const slowMs = 20;

const rounds = Number(Deno.args[0] ?? 5);

if (import.meta.main) {
  await using node = await startRabbitmq();
  console.log(
    `| case | ${
      contenders.join("/s | ")
    }/s | ratio (median of ${rounds}) | goal |\n| --- | --- | --- | --- | --- |`,
  );
  for (const measured of cases) {
    const rates: Record<string, number[]> = { amqplib: [], hopper: [] };
    for (let round = 0; round < rounds; round++) {
      // The order changes each round, because it matters who is first.
      const order = round % 2 === 0 ? contenders : contenders.toReversed();
      for (const contender of order) rates[contender]!.push(await rate(node, contender, measured));
    }
    const ratios = rates.hopper!.map((value, round) => value / rates.amqplib![round]!);
    const shown = contenders.map((contender) => Math.round(median(rates[contender]!)).toLocaleString("en"));
    console.log(
      `| ${measured.name} | ${shown.join(" | ")} | ${median(ratios).toFixed(2)} | ${measured.goal} |`,
    );
  }
}

async function rate(node: RabbitNode, contender: string, { prefetch, slowEvery }: Case): Promise<number> {
  const queue = `bench-${crypto.randomUUID()}`;
  const count = prefetch === 1 ? 8_000 : 30_000;
  const warmup = count / 4;
  const connection = await amqp.connect(node.url, { noDelay: true });
  const folder = await Deno.makeTempDir({ prefix: "hopper-bench-" });
  try {
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue(queue);
    const body = Buffer.alloc(bodyBytes, "x");
    for (let i = 0; i < count; i++) channel.sendToQueue(queue, body);
    await channel.waitForConfirms();
    const options = JSON.stringify({ prefetch, count, warmup, slowEvery, slowMs });
    const { ms } = await timed(contender, [node.url, queue, options, folder]);
    await channel.deleteQueue(queue);
    return (count - warmup) / ms * 1000;
  } finally {
    await connection.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function timed(contender: string, args: string[]): Promise<{ ms: number }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", new URL(`consume/${contender}.ts`, import.meta.url).pathname, ...args],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  try {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) return JSON.parse(text);
    throw new Error(`${contender} ended without a figure`);
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
