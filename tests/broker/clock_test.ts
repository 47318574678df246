/** The wall clock is set while messages wait: they wait as long as they were to, and no longer. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type ConfirmChannel, connect } from "amqplib";
import { withFolder } from "../support/folder.ts";
import { type ServerProcess, startServerProcess } from "./server_process.ts";

const HOUR = 3_600_000;
const TTL = 1_000;

Deno.test("A clock that is set back an hour does not hold a message that waits", async () => {
  await using folder = await withFolder();
  await using server = await startServerProcess(folder.path);
  await using client = await open(server);
  await retryLater(client.channel, "again");
  await server.setClock(-HOUR);

  assert.equal(await client.next(), "again");
});

Deno.test("What was kept while the clock was an hour ahead does not wait for it after a restart", async () => {
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

Deno.test("A message's own expiration, and a queue's, are of the clock that nobody sets", async () => {
  await using folder = await withFolder();
  await using server = await startServerProcess(folder.path);
  await using client = await open(server);
  const { channel } = client;
  await channel.assertQueue("wait", { deadLetterExchange: "", deadLetterRoutingKey: "work" });
  await channel.assertQueue("unused", { expires: TTL });
  channel.sendToQueue("wait", Buffer.from("own"), { expiration: TTL + 500 });
  await server.setClock(-HOUR);

  assert.equal(await client.next(), "own");
  // Later than the queue's own time: it is gone, or the clock held it.
  await assert.rejects(channel.checkQueue("unused"), /NOT_FOUND/);
});

/** A client that consumes `work`, to which `retry` gives what has waited in it. */
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
