/** The embedded broker as another version of RabbitMQ, for machines that do not have that version. */

import assert from "node:assert/strict";
import { likes, startBroker } from "../../runtime/broker/mod.ts";
import { withFolder } from "../support/folder.ts";
import { WireConnection } from "../support/wire_connection.ts";

const quorum = { durable: true, arguments: { "x-queue-type": "quorum" } };

async function connected(url: string) {
  const { hostname: host, port } = new URL(url);
  const connection = await WireConnection.open({ host, port: Number(port) });
  return { connection, channel: await connection.channel() };
}

Deno.test("The embedded broker reports the RabbitMQ version that it behaves like, and has its limits", async () => {
  const said: unknown[] = [];
  for (const like of likes) {
    await using broker = await startBroker({ port: 0, memory: true, like });
    const { connection, channel } = await connected(broker.url);
    const { queue } = await channel.call("queue.declare", { exclusive: true });
    const bound = await channel.call("queue.bind", { queue, exchange: "amq.topic", routingKey: "#.#.#" })
      .then(() => "bound", ({ text }) => text);
    said.push([`${connection.serverProperties.version}`.split(".").slice(0, 2).join("."), bound]);
    await connection.close();
  }
  assert.deepEqual(said, [
    ["3.10", "bound"],
    [
      "4.3",
      "PRECONDITION_FAILED - Topic binding key '#.#.#' uses 3 '#' wildcards, at most 2 are allowed",
    ],
  ]);
});

Deno.test("As version 4.3, a quorum queue gives up a message after 20 failed deliveries", async () => {
  await using broker = await startBroker({ port: 0, memory: true, like: "4.3" });
  const { connection, channel } = await connected(broker.url);
  await channel.call("queue.declare", { queue: "q", ...quorum });
  await channel.publish("", "q", "poison");
  let headers;
  for (let times = 0; times <= 20; times++) {
    const message = await channel.get("q");
    headers = message!.properties.headers;
    await channel.send("basic.reject", { deliveryTag: message!.deliveryTag, requeue: true });
  }
  assert.deepEqual(headers, { "x-acquired-count": 20, "x-delivery-count": 20 });
  assert.equal(await channel.get("q"), undefined);
  await connection.close();
});

Deno.test("Data that was stored as one version is read as the other", async () => {
  await using folder = await withFolder({});
  const queue = { queue: "q", durable: true, arguments: { ...quorum.arguments, "x-delivery-limit": -1 } };
  for (const like of ["4.3", "3.10", "4.3"] as const) {
    await using broker = await startBroker({ port: 0, data: `${folder.path}/data`, like });
    const { connection, channel } = await connected(broker.url);
    if (like === "4.3") await channel.call("queue.declare", queue);
    await channel.call("confirm.select");
    await channel.publish("", "q", like, { deliveryMode: 2 });
    await channel.next("basic.ack");
    await connection.close();
  }
  await using broker = await startBroker({ port: 0, data: `${folder.path}/data` });
  const { connection, channel } = await connected(broker.url);
  const bodies: (string | undefined)[] = [];
  for (let i = 0; i < 3; i++) bodies.push((await channel.get("q", { noAck: true }))?.body);
  assert.deepEqual(bodies, ["4.3", "3.10", "4.3"]);
  await connection.close();
});
