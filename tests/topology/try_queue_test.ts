/** A queue that makes the broker close the connection stops only its own function. */

import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { rabbitmqInstalled, startRabbitmq } from "../support/rabbitmq.ts";
import { chosenRelease } from "../support/rabbitmq_release.ts";

const functions = {
  forbidden: `export default queue("forbidden", { durable: false }, () => {});`,
  served: `export default rpc("served", { durable: false, exclusive: true }, (n: number) => n + 1);`,
  durable: `export default queue("durable", () => {});`,
};

// Versions before 4.0 permit all queues.
const canForbid = rabbitmqInstalled() && chosenRelease.from !== undefined;

Deno.test("If the broker permits no transient queues, only the functions that have one stop", {
  ignore: !canForbid,
}, async () => {
  await using node = await startRabbitmq({
    conf: ["deprecated_features.permit.transient_nonexcl_queues = false"],
  });
  await using app = await runApp({ functions, broker: node.url });

  const { error } = await app.event("detached", { function: "forbidden" });
  assert.match(
    error,
    /^The broker permits no queue that is neither durable nor exclusive, as 'forbidden' would be: remove 'durable: false'/,
  );
  await using broker = await connectBroker(node.url);
  await broker.send("durable", "message");
  await app.event("handled", { function: "durable" });
  assert.deepEqual(app.seen("disconnected"), []);
  assert.deepEqual(app.app.missing().map((line) => line.split(":")[0]), ["forbidden"]);
});
