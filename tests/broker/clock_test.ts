/** The wall clock is changed while messages wait: their waiting time must not change. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type ConfirmChannel, connect } from "amqplib";
import { withFolder } from "../support/folder.ts";
import { type ServerProcess, startServerProcess } from "./server_process.ts";

const HOUR = 3_600_000;
const TTL = 1_000;

Deno.test("Setting the clock back an hour does not delay a waiting message", async () => {
  await using folder = await withFolder();
  await using server = await startServerProcess(folder.path);
  await using client = await open(server);
  await retryLater(client.channel, "again");
  await server.setClock(-HOUR);

  assert.equal(await client.next(), "again");
});

Deno.test("A message that was stored while the clock was an hour ahead is not delayed after a restart", async () => {
  await using folder = await withFolder();
  {
    await using server = await startServerProcess(folder.path, HOUR);
    await using client = await open(server);
    await retryLater(client.channel, "again");
    await server.kill();
  }
  await using server = await startServerProcess(folder.path);
  await using client = await open(server);

  assert.equal(await client.next(), "again");
});

Deno.test("Setting the clock back does not change the expiration of a message or a queue", async () => {
  await using folder = await withFolder();
  await using server = await startServerProcess(folder.path);
  await using client = await open(server);
  const { channel } = client;
  await channel.assertQueue("wait", { deadLetterExchange: "", deadLetterRoutingKey: "work" });
  await channel.assertQueue("unused", { expires: TTL });
  channel.sendToQueue("wait", Buffer.from("own"), { expiration: TTL + 500 });
  await server.setClock(-HOUR);

  assert.equal(await client.next(), "own");
  // The queue's own time is over, so it is gone unless the clock delayed it.
  await assert.rejects(channel.checkQueue("unused"), /NOT_FOUND/);
});

/** A client that consumes `work`, which gets expired messages of `retry`. */
async function open(server: ServerProcess) {
  const connection = await connect(server.url);
  connection.on("error", () => {});
  const closed = new Promise<void>((resolve) => connection.once("close", () => resolve()));
  const channel = await connection.createConfirmChannel();
  channel.on("error", () => {});
  await channel.assertQueue("work");
  await channel.assertQueue("retry", {
    deadLetterExchange: "",
    deadLetterRoutingKey: "work",
    messageTtl: TTL,
  });
  const first = Promise.withResolvers<string>();
  await channel.consume("work", (message) => first.resolve(`${message!.content}`), { noAck: true });
  return {
    channel,
    async next() {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(new Error("Nothing came within 10 s")), 10_000);
      return await Promise.race([first.promise, late]).finally(() => clearTimeout(timer));
    },
    async [Symbol.asyncDispose]() {
      await connection.close().catch(() => {});
      await closed;
    },
  };
}

async function retryLater(channel: ConfirmChannel, body: string): Promise<void> {
  channel.sendToQueue("retry", Buffer.from(body), { persistent: true });
  await channel.waitForConfirms();
}
