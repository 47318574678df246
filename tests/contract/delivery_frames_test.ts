import assert from "node:assert/strict";
import { contract } from "../support/contract.ts";
import {
  BODY,
  concat,
  HEADER,
  METHOD,
  methodFrame,
  PROTOCOL_HEADER,
  WireSocket,
  within,
} from "../support/wire_client.ts";

/** The frames of one delivery with a body of `size` bytes to a client with small frames. */
for (
  const [size, expected] of [[0, []], [1, [1]], [4088, [4088]], [4089, [4088, 1]], [10_000, [
    4088,
    4088,
    1824,
  ]]] as const
) {
  contract(
    `A body of ${size} bytes comes in frames of ${JSON.stringify(expected)} bytes at frame-max 4096`,
    async (broker) => {
      const channel = await broker.channel();
      const queue = await broker.queue(channel);
      await broker.fill(queue, ["x".repeat(size)]);
      using socket = await WireSocket.open(broker.address);
      await socket.write(concat([
        PROTOCOL_HEADER,
        methodFrame(0, "connection.start-ok", {
          mechanism: "PLAIN",
          response: "\0guest\0guest",
          locale: "en_US",
        }),
        methodFrame(0, "connection.tune-ok", { channelMax: 1, frameMax: 4096, heartbeat: 0 }),
        methodFrame(0, "connection.open", { virtualHost: "/" }),
        methodFrame(1, "channel.open"),
        methodFrame(1, "basic.get", { queue, noAck: true }),
        methodFrame(1, "basic.qos"),
      ]));
      const frames = [];
      // start, tune, open-ok, channel.open-ok, get-ok, its header and body, qos-ok
      for (let i = 0; i < 7 + expected.length; i++) frames.push((await within(socket.frame(), "a frame"))!);
      assert.deepEqual(frames.slice(4, 6).map(({ type, channel }) => [type, channel]), [[METHOD, 1], [
        HEADER,
        1,
      ]]);
      const bodies = frames.slice(6, -1);
      assert.deepEqual(
        bodies.map(({ type, payload }) => [type, payload.length]),
        expected.map((length) => [BODY, length]),
      );
    },
  );
}

contract("Contents of deliveries on one connection are not mixed", async (broker) => {
  const connection = await broker.connect({ frameMax: 4096 });
  const channels = [await connection.channel(), await connection.channel(), await connection.channel()];
  const queues: string[] = [];
  for (const channel of channels) {
    const queue = await broker.queue(channel);
    queues.push(queue);
    await channel.call("basic.consume", { queue, noAck: true });
  }
  const publisher = await broker.channel();
  for (let i = 0; i < 20; i++) {
    for (const queue of queues) await publisher.publish("", queue, queue.repeat(1000));
  }
  for (const [index, channel] of channels.entries()) {
    for (const body of await channel.bodies(20)) assert.equal(body, queues[index]!.repeat(1000));
  }
});
