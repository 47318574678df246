import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { connect } from "amqplib";
import type { AmqpError } from "../../runtime/broker/errors.ts";
import { startBroker } from "../../runtime/broker/mod.ts";
import { Parts } from "../../runtime/broker/parts.ts";
import { contentFrames } from "../support/wire_client.ts";
import { WireConnection } from "../support/wire_connection.ts";

Deno.test("If the messages that arrive at the same time need too much memory, the largest is given up", () => {
  const parts = new Parts(100);
  const given: string[] = [];
  const part = (name: string) => ({
    giveUp: (reason: AmqpError) => void given.push(`${name}: ${reason.code}`),
  });
  const [small, large, newest] = [part("small"), part("large"), part("newest")];

  parts.hold(small, 20);
  parts.hold(large, 60);
  parts.hold(newest, 30);
  assert.deepEqual(given, ["large: 406"]);

  parts.hold(small, 0);
  parts.hold(newest, 100);
  assert.throws(() => parts.hold(newest, 101), /larger than the broker has memory for \(100 bytes\)/);
  parts.hold(small, 100);
  assert.equal(given.length, 1);
});

const MB = 2 ** 20;

Deno.test("A message as large as memory allows is accepted, and a larger one is refused", async () => {
  await using broker = await startBroker({ port: 0, memory: true, limits: { memory: 16 * MB } });
  const connection = await connect(broker.url);
  const channel = await connection.createConfirmChannel();
  const refused = await connection.createConfirmChannel();
  const why = new Promise<Error>((resolve) => refused.once("error", resolve));
  const { queue } = await channel.assertQueue("");
  let received = 0;
  const all = Promise.withResolvers<void>();
  await channel.consume(queue, () => ++received === 8 && all.resolve(), { noAck: true });

  // Together they are more than the memory, so some must wait.
  for (let i = 0; i < 8; i++) channel.sendToQueue(queue, Buffer.alloc(4 * MB));
  await channel.waitForConfirms();
  await all.promise;
  refused.sendToQueue(queue, Buffer.alloc(4 * MB + 1));

  assert.match((await why).message, /message size 4194305 is larger than configured max size 4194304/);
  await connection.close();
});

Deno.test("A client that stops in the middle of a large message does not keep others from publishing", async () => {
  await using broker = await startBroker({ port: 0, memory: true, limits: { memory: 16 * MB } });
  const open = () => WireConnection.open({ host: broker.hostname, port: broker.port });
  // Together they are more than may arrive at the same time.
  const hoarders = [await open(), await open(), await open()];
  const hoards = await Promise.all(hoarders.map((hoarder) => hoarder.channel()));
  const args = { exchange: "", routingKey: "q" };
  for (const { number, connection } of hoards) {
    const body = new Uint8Array(3.5 * MB);
    const whole = contentFrames(number, "basic.publish", args, {}, body, 131_072);
    await connection.socket.write(whole.subarray(0, 3.4 * MB));
  }
  const other = await open();
  const channel = await other.channel();
  await channel.call("queue.declare", { queue: "q" });
  await channel.call("confirm.select");
  await channel.publish("", "q", new Uint8Array(2 * MB));
  await channel.next("basic.ack");

  const { text } = await Promise.race(hoards.map((hoard) => hoard.refused()));
  assert.match(text, /larger than the broker has memory for/);
  await other.close();
  for (const hoarder of hoarders) await hoarder.abort();
});
