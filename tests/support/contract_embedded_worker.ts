/** Runs the embedded broker in memory and tells the test file where. */

import { startBroker } from "../../runtime/broker/mod.ts";

const broker = await startBroker({ port: 0, memory: true });
(self as unknown as Worker).postMessage(broker.url);
