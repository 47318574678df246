/** One measurement, in a process of its own: `broker_client.ts URL SCENARIO` prints a JSON object. */
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
  /** Messages published, delivered and acknowledged a second. */
  rate: number;
  /** ms from a publish to its confirm, one at a time; only for confirmed messages. */
  latency?: number;
}

if (import.meta.main) {
  const [url, scenario] = Deno.args as [string, string];
  console.log(JSON.stringify(await measure(url, JSON.parse(scenario))));
}

async function measure(url: string, { size, confirmed, messages }: Scenario): Promise<Measured> {
  const producing = await connect(url, { noDelay: true });
  const consuming = await connect(url, { noDelay: true });
  const producer = await producing.createConfirmChannel();
  const consumer = await consuming.createChannel();
  const { queue } = await consumer.assertQueue(`bench-${crypto.randomUUID()}`, {
    durable: confirmed,
    autoDelete: true,
  });
  const body = Buffer.alloc(size, "x");
  const options = { persistent: confirmed };
  const confirm = () =>
    new Promise<void>((resolve, reject) =>
      producer.sendToQueue(queue, body, options, (error) => error ? reject(error) : resolve())
    );
  const latency = confirmed ? await median(LATENCIES, confirm) : undefined;
  await consumer.purgeQueue(queue);

  const all = Promise.withResolvers<void>();
  let received = 0;
  await consumer.prefetch(PREFETCH);
  const started = performance.now();
  await consumer.consume(queue, (message) => {
    consumer.ack(message!);
    if (++received === messages) all.resolve();
  });
  if (confirmed) {
    let left = messages;
    const worker = async () => {
      while (left-- > 0) await confirm();
    };
    await Promise.all(Array.from({ length: WINDOW }, worker));
  } else {
    const plain = await producing.createChannel();
    for (let sent = 0; sent < messages; sent++) {
      if (plain.sendToQueue(queue, body, options)) continue;
      await new Promise((resolve) => plain.once("drain", resolve));
    }
  }
  await all.promise;
  const seconds = (performance.now() - started) / 1000;
  await producing.close();
  await consuming.close();
  return { rate: messages / seconds, latency };
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
