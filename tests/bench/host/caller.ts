/** Calls an rpc with amqplib over direct reply-to, like a hand-written program, and prints the rate and latencies. */

import { Buffer } from "node:buffer";
import amqp from "amqplib";
import { percentile } from "../figures.ts";
import type { CallerOptions } from "./program.ts";

const replyTo = "amq.rabbitmq.reply-to";

const { broker, rpc, input, calls, inFlight, every } = JSON.parse(Deno.args[0]!) as CallerOptions;
const connection = await amqp.connect(broker, { noDelay: true });
const channel = await connection.createChannel();
const body = Buffer.from(JSON.stringify(input ?? "x".repeat(254)));
const waiting = new Map<string, (at: number) => void>();
await channel.consume(replyTo, (reply) => {
  if (reply!.properties.type === "error") throw new Error(`${rpc}: ${reply!.content}`);
  waiting.get(reply!.properties.correlationId)!(performance.now());
}, { noAck: true });

const call = (number: number): Promise<number> =>
  new Promise((resolve) => {
    const correlationId = String(number);
    const from = performance.now();
    waiting.set(correlationId, (at) => {
      waiting.delete(correlationId);
      resolve(at - from);
    });
    channel.sendToQueue(rpc, body, { correlationId, replyTo, contentType: "application/json" });
  });

async function measure(count: number): Promise<number[]> {
  const took: number[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const number = next++;
      took.push(await call(number));
      if (every !== undefined) await new Promise((resolve) => setTimeout(resolve, every));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return took;
}

await measure(Math.ceil(calls / 10));
const from = performance.now();
const took = await measure(calls);
const seconds = (performance.now() - from) / 1000;
console.log(JSON.stringify({ rate: calls / seconds, p50: percentile(took, 50), p99: percentile(took, 99) }));
await connection.close();
