/** One measurement: starts a contender and the other side, waits for their marks, and reads what the system counted. */

import amqp from "amqplib";
import { fileURLToPath } from "node:url";
import type { Broker, Case } from "./cases.ts";
import { commandOf, denoCommand, type Installed } from "./commands.ts";
import type { Contender } from "./contenders.ts";
import { type CpuPerMessage, microsPerMessage, readCpu } from "./cpu.ts";
import { waitForMark } from "./marks.ts";
import { envelopeOf } from "./programs/envelopes.ts";
import type { Job } from "./programs/job.ts";
import { type CommandLine, Running, runToEnd } from "./running.ts";

/** A broker that runs in processes of its own. */
export interface BrokerUnderTest {
  readonly kind: Broker;
  readonly url: string;
  readonly version: string;
  readonly pids: readonly number[];
}

/** How long a measurement takes. */
export interface Lengths {
  /** What the number of messages to consume is multiplied by. */
  readonly counts: number;
  readonly warmMs: number;
  readonly ms: number;
}

/** What came out of one measurement. */
export interface Sample {
  /** Messages or calls a second. */
  readonly rate: number;
  /** Microseconds of processor time a message; missing where the system does not tell. */
  readonly cpu?: CpuPerMessage;
  /** Milliseconds of a call. */
  readonly p50?: number;
  readonly p99?: number;
}

/** Longer than anything should take. */
const PATIENCE_MS = 60_000;
const SLOW_MS = 20;
/** Consuming from the embedded broker is a few times as fast, and has to take as long. */
const EMBEDDED_COUNTS = 3;

export async function measure(
  one: Case,
  contender: Contender,
  broker: BrokerUnderTest,
  installed: Installed,
  lengths: Lengths,
): Promise<Sample> {
  const folder = await Deno.makeTempDir({ prefix: "hopper-bench-" });
  const connection = await amqp.connect(broker.url, { noDelay: true });
  const job = jobOf(one, contender, broker, lengths, folder);
  try {
    return await measureIn(folder, job, contender, broker, installed, connection);
  } catch (error) {
    throw new Error(`${contender.title}, ${one.title}, ${broker.kind}: ${(error as Error).message}`);
  } finally {
    await (await connection.createChannel()).deleteQueue(job.queue);
    await connection.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** The job of the contender; its queue is new. */
export function jobOf(
  one: Case,
  { envelope = "plain", queueOf = (name) => name }: Contender,
  { kind, url }: Pick<BrokerUnderTest, "kind" | "url">,
  { counts, warmMs, ms }: Lengths,
  folder: string,
): Job {
  const scale = counts * (kind === "embedded" && one.prefetch > 1 ? EMBEDDED_COUNTS : 1);
  const count = Math.round(one.count * scale);
  return {
    verb: one.verb,
    url,
    queue: queueOf(`bench-${crypto.randomUUID().slice(0, 8)}`, one.verb),
    marks: `${folder}/marks`,
    size: one.size,
    prefetch: one.prefetch,
    warmup: Math.round(count / 4),
    count,
    slowEvery: one.slowEvery,
    slowMs: SLOW_MS,
    outstanding: one.outstanding,
    tasks: one.tasks,
    warmMs,
    ms,
    envelope,
  };
}

async function measureIn(
  folder: string,
  job: Job,
  contender: Contender,
  broker: BrokerUnderTest,
  installed: Installed,
  connection: amqp.ChannelModel,
): Promise<Sample> {
  const started: Running[] = [];
  const start = (command: CommandLine, name: string) => {
    const running = new Running(command, `${folder}/${name}.output`);
    started.push(running);
    return running;
  };
  const measured = () => commandOf(contender, job, installed, folder);
  await Deno.writeTextFile(job.marks, "");
  try {
    let subject: Running;
    if (job.verb === "consume") {
      await declare(connection, job.queue, contender.queueArguments);
      await fill(job, folder);
      subject = start(await measured(), "contender");
    } else if (job.verb === "serve") {
      subject = start(await measured(), "contender");
      await untilConsumed(connection, job.queue, subject);
      start(denoCommand("amqplib", { ...job, verb: "call" }), "caller");
    } else if (job.verb === "call") {
      const server = start(denoCommand("amqplib", { ...job, verb: "serve" }), "server");
      await untilConsumed(connection, job.queue, server);
      subject = start(await measured(), "contender");
    } else {
      await declare(connection, job.queue);
      subject = start(await measured(), "contender");
    }
    return await sample(job, subject, broker, started);
  } finally {
    const signal = contender.platform === "hopper" ? "SIGTERM" : "SIGKILL";
    // Whoever calls is ended before what is called.
    for (const running of started.toReversed()) await running.end(signal);
  }
}

async function sample(
  { marks }: Job,
  subject: Running,
  broker: BrokerUnderTest,
  started: readonly Running[],
): Promise<Sample> {
  const warm = await waitForMark(marks, "warm", started, PATIENCE_MS);
  const before = readCpu(subject.pid, broker.pids);
  const done = await waitForMark(marks, "done", started, PATIENCE_MS);
  const after = readCpu(subject.pid, broker.pids);
  const messages = done.count - warm.count;
  return {
    rate: messages / (done.at - warm.at) * 1000,
    cpu: before && after && microsPerMessage(before, after, messages),
    p50: done.p50,
    p99: done.p99,
  };
}

async function declare(
  connection: amqp.ChannelModel,
  queue: string,
  queueArguments?: Contender["queueArguments"],
): Promise<void> {
  const channel = await connection.createChannel();
  await channel.assertQueue(queue, { durable: true, arguments: queueArguments });
  await channel.close();
}

async function fill({ url, queue, count, size, envelope }: Job, folder: string): Promise<void> {
  const name = queue.slice(queue.lastIndexOf(".") + 1);
  const body = envelopeOf(envelope).event(name, size).toString();
  const properties = envelope === "plain" ? {} : { contentType: "application/json" };
  const program = fileURLToPath(new URL("programs/fill.ts", import.meta.url));
  const args = [
    "run",
    "-A",
    "--quiet",
    "--no-check",
    program,
    url,
    queue,
    `${count}`,
    body,
    JSON.stringify(properties),
  ];
  await runToEnd({ program: Deno.execPath(), args }, `${folder}/fill.output`);
}

/** Waits until somebody consumes from a queue, which may not exist yet. */
async function untilConsumed(connection: amqp.ChannelModel, queue: string, server: Running): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!await isConsumed(connection, queue)) {
    if (server.ended || performance.now() > deadline) {
      throw new Error(`nobody consumed from '${queue}':\n${server.said()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function isConsumed(connection: amqp.ChannelModel, queue: string): Promise<boolean> {
  const channel = await connection.createChannel();
  // The broker closes the channel if there is no such queue.
  channel.on("error", () => {});
  try {
    const { consumerCount } = await channel.checkQueue(queue);
    await channel.close();
    return consumerCount > 0;
  } catch {
    return false;
  }
}
