/** An embedded broker with the options given as JSON, limits among them, until it is killed; says when it listens. */

import { startBroker } from "../../runtime/broker/mod.ts";

const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
Deno.addSignalListener("SIGTERM", stop);
await using broker = await startBroker(JSON.parse(Deno.args[0]!));
console.log(`Listening on ${broker.url}`);
await stopped;
Deno.removeSignalListener("SIGTERM", stop);
