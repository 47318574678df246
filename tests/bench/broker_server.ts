/** Runs the embedded broker in its own process until its stdin ends, and prints its URL. */
import { startBroker } from "../../runtime/broker/mod.ts";

const [data] = Deno.args;
await using broker = await startBroker({ port: 0, data });
console.log(broker.url);
for await (const _ of Deno.stdin.readable) { /* waits for the end */ }
