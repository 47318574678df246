/** Runs an embedded broker in memory with the options in the worker's name, and posts its address. */

import { startBroker } from "../../runtime/broker/mod.ts";

const worker = self as unknown as { name: string; postMessage(url: string): void };
const broker = await startBroker({ port: 0, memory: true, ...JSON.parse(worker.name) });
worker.postMessage(broker.url);
