/** A full disk delays clients, and no message or acknowledgement is lost. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type ConfirmChannel, connect, type ConsumeMessage } from "amqplib";
import { startCommand } from "../support/hopper.ts";
import { freePort } from "../support/ports.ts";
import { canMount, type SmallDisk, withSmallDisk } from "../support/small_disk.ts";
import { WireConnection } from "../support/wire_connection.ts";

const full = /The disk does not take .*broker\.sqlite': database or disk is full/;
const room = /The disk takes everything again/;

/** A broker with its data on the disk. */
function broker(disk: SmallDisk) {
  const port = freePort();
  const program = startCommand(["broker", "--port", `${port}`, "--data", `${disk.path}/data`], {});
  return {
    program,
    port,
    async client() {
      await program.line("Listening on");
      return await client(`amqp://guest:guest@127.0.0.1:${port}`);
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** A client whose broker may be killed. */
async function client(url: string) {
  const connection = await connect(url);
  const closed = new Promise<void>((resolve) => connection.once("close", () => resolve()));
  connection.on("error", () => {});
  const channel = await connection.createConfirmChannel();
  channel.on("error", () => {});
  return {
    connection,
    channel,
    async [Symbol.asyncDispose]() {
      await connection.close().catch(() => {});
      await closed;
    },
  };
}

/** Publishes a persistent message and resolves once it is confirmed. */
function send(channel: ConfirmChannel, queue: string, body: string, expiration?: number): Promise<void> {
  const options = { persistent: true, expiration };
  return new Promise((resolve, reject) => {
    channel.sendToQueue(queue, Buffer.from(body), options, (error) => error ? reject(error) : resolve());
  });
}

async function drain(channel: ConfirmChannel, queue: string): Promise<string[]> {
  const bodies: string[] = [];
  for (let message; (message = await channel.get(queue, { noAck: true }));) bodies.push(`${message.content}`);
  return bodies;
}

Deno.test(
  "Acknowledgements while the disk is full are kept",
  { ignore: !canMount },
  async () => {
    await using disk = await withSmallDisk(8);
    {
      await using server = broker(disk);
      await using client = await server.client();
      const { channel } = client;
      await channel.assertQueue("work");
      for (let i = 0; i < 48; i++) await send(channel, "work", `${i}`.repeat(500));
      const taken: ConsumeMessage[] = [];
      const all = Promise.withResolvers<void>();
      await channel.consume("work", (message) => {
        taken.push(message!);
        if (taken.length === 48) all.resolve();
      });
      await all.promise;
      await disk.fill();
      for (const message of taken) channel.ack(message);
      await server.program.line(full);

      await disk.makeRoom();
      await server.program.line(room);
      server.program.signal("SIGTERM");
      assert.equal((await server.program.exit()).code, 0);
    }
    await using again = broker(disk);
    await using client = await again.client();
    assert.equal((await client.channel.checkQueue("work")).messageCount, 0);
  },
);

Deno.test(
  "While the disk is full publishers wait for their confirms, and messages that expire are moved once",
  { ignore: !canMount },
  async () => {
    await using disk = await withSmallDisk(8);
    {
      await using server = broker(disk);
      await using client = await server.client();
      const { channel, connection } = client;
      await channel.assertQueue("work");
      await channel.assertQueue("wait", { deadLetterExchange: "", deadLetterRoutingKey: "work" });
      await send(channel, "wait", "moved", 500);
      await disk.fill();
      const blocked = new Promise<string>((resolve) => connection.once("blocked", resolve));
      const unblocked = new Promise<void>((resolve) => connection.once("unblocked", () => resolve()));
      let confirmed = false;
      const sent = send(channel, "work", "sent").then(() => confirmed = true);
      await server.program.line(full);
      // What is published from now on is not even read.
      channel.sendToQueue("work", Buffer.from("later"), { persistent: true });
      assert.equal(await blocked, "low on disk");
      await using other = await server.client();
      await assert.rejects(
        other.channel.assertQueue("new"),
        /PRECONDITION_FAILED - the broker's disk did not take it/,
      );
      assert.equal(confirmed, false);

      await disk.makeRoom();
      await Promise.all([sent, unblocked, channel.waitForConfirms()]);
      await channel.deleteQueue("wait");
      server.program.signal("SIGKILL");
      await server.program.exit();
    }
    await using again = broker(disk);
    await using client = await again.client();
    assert.deepEqual((await drain(client.channel, "work")).toSorted(), ["later", "moved", "sent"]);
  },
);

Deno.test(
  "A queue that was deleted while the disk was full stays deleted",
  { ignore: !canMount },
  async () => {
    await using disk = await withSmallDisk(8);
    {
      await using server = broker(disk);
      await using client = await server.client();
      await client.channel.assertQueue("gone");
      await send(client.channel, "gone", "x");
      await disk.fill();
      await client.channel.deleteQueue("gone");
      await server.program.line(full);
      await disk.makeRoom();
      await server.program.line(room);
      server.program.signal("SIGKILL");
      await server.program.exit();
    }
    await using again = broker(disk);
    await using client = await again.client();
    await assert.rejects(client.channel.checkQueue("gone"), /NOT_FOUND/);
  },
);

Deno.test(
  "A transaction that the full disk does not take is not reported as committed",
  { ignore: !canMount },
  async () => {
    await using disk = await withSmallDisk(8);
    {
      await using server = broker(disk);
      await using client = await server.client();
      await client.channel.assertQueue("work");
      await using wire = await WireConnection.open({ host: "127.0.0.1", port: server.port });
      const channel = await wire.channel();
      await channel.call("tx.select");
      await channel.publish("", "work", "in a transaction", { deliveryMode: 2 });
      await disk.fill();
      await channel.send("tx.commit");
      assert.match(
        (await wire.refused()).text,
        /INTERNAL_ERROR - the broker's disk does not take the transaction yet/,
      );

      await disk.makeRoom();
      await server.program.line(room);
      server.program.signal("SIGKILL");
      await server.program.exit();
    }
    await using again = broker(disk);
    await using client = await again.client();
    assert.deepEqual(await drain(client.channel, "work"), ["in a transaction"]);
  },
);

Deno.test("Stopping the broker while the disk is full reports which messages will come again", {
  ignore: !canMount,
}, async () => {
  await using disk = await withSmallDisk(8);
  {
    await using server = broker(disk);
    await using publisher = await server.client();
    await publisher.channel.assertQueue("work");
    await send(publisher.channel, "work", "again");
    await disk.fill();
    // The broker reads nothing more from those who publish.
    await using client = await server.client();
    const message = await client.channel.get("work");
    assert.ok(message);
    client.channel.ack(message);
    await client.channel.checkQueue("work");
    await server.program.line(full);
    server.program.signal("SIGTERM");
    const { code, stderr } = await server.program.exit();
    assert.equal(code, 0);
    assert.match(
      stderr,
      /Stopped while the disk took nothing: 1 settled message .* new messages are lost, settled ones come again/,
    );
  }
  await disk.makeRoom();
  await using again = broker(disk);
  await using client = await again.client();
  assert.deepEqual(await drain(client.channel, "work"), ["again"]);
});
