/** Runs an embedded broker with options as JSON, such as limits, until it is killed, and prints when it listens. */

import { startBroker } from "../../runtime/broker/mod.ts";

const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
Deno.addSignalListener("SIGTERM", stop);
await using broker = await startBroker(JSON.parse(Deno.args[0]!));
console.log(`Listening on ${broker.url}`);
await stopped;
Deno.removeSignalListener("SIGTERM", stop);
