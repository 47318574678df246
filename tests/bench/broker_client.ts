/**
 * The load of one measurement: `broker_client.ts URL SCENARIO` publishes on one connection, consumes on another, and
 * prints a JSON object.
 *
 * It has no client library, because that would be measured too: publishes are prepared bytes, many in one write, and
 * only the heads of incoming frames are read.
 */
import { concat, contentFrames, methodFrame } from "../support/wire_client.ts";
import { CHANNEL, Link } from "./broker_link.ts";

/**
 * The highest number of messages under way: published, and not yet delivered or, if the scenario has confirms, not
 * yet confirmed.
 */
const WINDOW = 2_000;
/** The highest number of bytes under way, so that large messages do not pile up. */
const WINDOW_BYTES = 8 * 1024 * 1024;
const LATENCIES = 300;

export interface Scenario {
  /** The size of a body in bytes. */
  size: number;
  /** Whether messages are persistent and confirmed, or transient and not confirmed. */
  confirmed: boolean;
  /** How long messages are published. */
  seconds: number;
}

export interface Measured {
  /** Messages that are delivered and acknowledged per second while publishing lasts. */
  rate: number;
  /** Milliseconds from a publish to its confirm, one message at a time. Only for confirmed messages. */
  latency?: number;
}

async function measure(url: string, scenario: Scenario): Promise<Measured> {
  const queue = `bench-${crypto.randomUUID()}`;
  const [publisher, consumer] = [await Link.open(url), await Link.open(url)];
  await consumer.call("queue.declare", { queue, durable: scenario.confirmed });
  const latency = scenario.confirmed ? await confirmLatency(publisher, scenario) : undefined;
  await consumer.call("basic.qos", { prefetchCount: WINDOW });
  await consumer.call("basic.consume", { queue });
  const start = performance.now();
  const messages = await flow(publisher, consumer, scenario, queue);
  const seconds = (performance.now() - start) / 1000;
  await consumer.call("queue.delete", { queue });
  publisher.close();
  consumer.close();
  return { rate: messages / seconds, latency };
}

/**
 * Publishes for the time of the scenario. Resolves with the number of messages when all are delivered and confirmed.
 */
async function flow(publisher: Link, consumer: Link, scenario: Scenario, queue: string): Promise<number> {
  const { size, confirmed, seconds } = scenario;
  const window = Math.min(WINDOW, Math.floor(WINDOW_BYTES / size));
  const batch = window >> 3;
  const one = publish(scenario, queue);
  const many = concat(Array.from({ length: batch }, () => one));
  const before = publisher.seen.confirmed;
  const end = performance.now() + seconds * 1000;
  let sent = 0, isOver = false;
  let wake = () => {};
  const isConfirmed = () => !confirmed || publisher.seen.confirmed - before >= sent;
  const hasRoom = () =>
    sent + batch - consumer.seen.delivered <= window &&
    (!confirmed || sent + batch + before - publisher.seen.confirmed <= window);
  const publishing = async () => {
    while (!isOver) {
      while (!hasRoom()) await new Promise<void>((resolve) => wake = resolve);
      sent += batch;
      // Set before the last batch is sent, because the reader checks it after each message.
      isOver = performance.now() > end;
      await publisher.write(many);
    }
  };
  const confirming = async () => {
    while (!isOver || !isConfirmed()) {
      await publisher.read();
      wake();
    }
  };
  const consuming = async () => {
    for (let answered = 0; !isOver || answered < sent;) {
      await consumer.read();
      wake();
      const { delivered } = consumer.seen;
      if (delivered - answered < batch && (!isOver || delivered < sent)) continue;
      answered = delivered;
      await consumer.write(methodFrame(CHANNEL, "basic.ack", { deliveryTag: answered, multiple: true }));
    }
  };
  await Promise.all([publishing(), confirmed ? confirming() : undefined, consuming()]);
  if (consumer.seen.delivered !== sent) throw new Error(`${sent} were sent, ${consumer.seen.delivered} came`);
  return sent;
}

function publish({ size, confirmed }: Scenario, queue: string): Uint8Array {
  return contentFrames(
    CHANNEL,
    "basic.publish",
    { exchange: "", routingKey: queue },
    confirmed ? { deliveryMode: 2 } : {},
    new Uint8Array(size).fill(0x78),
    131_072,
  );
}

/** The median of the milliseconds from a publish to its confirm, in a separate queue. */
async function confirmLatency(link: Link, scenario: Scenario): Promise<number> {
  const queue = `bench-${crypto.randomUUID()}`;
  await link.call("queue.declare", { queue, durable: true });
  await link.call("confirm.select");
  const bytes = publish(scenario, queue);
  const took: number[] = [];
  for (let i = 1; i <= LATENCIES; i++) {
    const start = performance.now();
    await link.write(bytes);
    await link.readUntil(() => link.seen.confirmed >= i);
    took.push(performance.now() - start);
  }
  await link.call("queue.delete", { queue });
  return took.sort((a, b) => a - b)[LATENCIES >> 1]!;
}

if (import.meta.main) {
  const [url, scenario] = Deno.args as [string, string];
  console.log(JSON.stringify(await measure(url, JSON.parse(scenario))));
}
