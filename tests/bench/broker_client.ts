/**
 * One measurement: `broker_client.ts URL SCENARIO` consumes, has a second process publish, and prints a JSON object.
 * Two processes, as one amqplib that does both is slower than the embedded broker.
 */
import { Buffer } from "node:buffer";
import { connect } from "amqplib";

const PREFETCH = 100;
/** Unconfirmed messages at once. */
const WINDOW = 100;
const LATENCIES = 300;

export interface Scenario {
  /** Bytes of a body. */
  size: number;
  /** Persistent with confirms, or transient without. */
  confirmed: boolean;
  messages: number;
}

export interface Measured {
  /** Messages delivered and acknowledged a second, while they are being published. */
  rate: number;
  /** ms from a publish to its confirm, one at a time; only for confirmed messages. */
  latency?: number;
}

if (import.meta.main) {
  const [url, scenario, queue] = Deno.args as [string, string, string?];
  const result = queue
    ? await produce(url, JSON.parse(scenario), queue)
    : await consume(url, JSON.parse(scenario));
  console.log(JSON.stringify(result));
}

async function consume(url: string, scenario: Scenario): Promise<Measured> {
  const connection = await connect(url, { noDelay: true });
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue(`bench-${crypto.randomUUID()}`, {
    durable: scenario.confirmed,
  });
  const all = Promise.withResolvers<void>();
  let received = 0, started = 0;
  await channel.prefetch(PREFETCH);
  await channel.consume(queue, (message) => {
    if (!message) return;
    if (received++ === 0) started = performance.now();
    channel.ack(message);
    if (received === scenario.messages) all.resolve();
  });
  const producer = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", import.meta.url, url, JSON.stringify(scenario), queue],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  await all.promise;
  const seconds = (performance.now() - started) / 1000;
  await producer.stdin.close();
  const { latency } = JSON.parse(new TextDecoder().decode((await producer.output()).stdout));
  await channel.deleteQueue(queue);
  await connection.close();
  return { rate: (scenario.messages - 1) / seconds, latency };
}

async function produce(url: string, scenario: Scenario, queue: string): Promise<{ latency?: number }> {
  const connection = await connect(url, { noDelay: true });
  const body = Buffer.alloc(scenario.size, "x");
  let latency: number | undefined;
  if (scenario.confirmed) {
    const channel = await connection.createConfirmChannel();
    const confirm = (to: string) =>
      new Promise<void>((resolve, reject) =>
        channel.sendToQueue(to, body, { persistent: true }, (error) => error ? reject(error) : resolve())
      );
    const other = await channel.assertQueue("", { durable: true, exclusive: false });
    latency = await median(LATENCIES, () => confirm(other.queue));
    await channel.deleteQueue(other.queue);
    let left = scenario.messages;
    const worker = async () => {
      while (left-- > 0) await confirm(queue);
    };
    await Promise.all(Array.from({ length: WINDOW }, worker));
  } else {
    const channel = await connection.createChannel();
    for (let sent = 0; sent < scenario.messages; sent++) {
      if (channel.sendToQueue(queue, body)) continue;
      await new Promise((resolve) => channel.once("drain", resolve));
    }
  }
  // amqplib closes ahead of what it has not written yet, so wait until everything has arrived.
  for await (const _ of Deno.stdin.readable) { /* the consumer says when by closing it */ }
  await connection.close();
  return { latency };
}

async function median(times: number, action: () => Promise<void>): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await action();
    took.push(performance.now() - start);
  }
  return took.sort((a, b) => a - b)[times >> 1]!;
}
