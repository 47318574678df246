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

// How many bytes more than whole frames a body has.
for (const [frames, more] of [[0, 0], [0, 1], [1, 0], [1, 1], [2, 1824]] as const) {
  contract(
    `A body of ${frames} whole frames and ${more} bytes is delivered in frames of the agreed size`,
    async (broker) => {
      const frameMax = broker.expected.smallestFrame;
      const inFrame = frameMax - 8;
      const expected = [...Array<number>(frames).fill(inFrame), ...more > 0 ? [more] : []];
      const channel = await broker.channel();
      const queue = await broker.queue(channel);
      await broker.fill(queue, ["x".repeat(frames * inFrame + more)]);
      using socket = await WireSocket.open(broker.address);
      await socket.write(concat([
        PROTOCOL_HEADER,
        methodFrame(0, "connection.start-ok", {
          mechanism: "PLAIN",
          response: "\0guest\0guest",
          locale: "en_US",
        }),
        methodFrame(0, "connection.tune-ok", { channelMax: 1, frameMax, heartbeat: 0 }),
        methodFrame(0, "connection.open", { virtualHost: "/" }),
        methodFrame(1, "channel.open"),
        methodFrame(1, "basic.get", { queue, noAck: true }),
        methodFrame(1, "basic.qos"),
      ]));
      const received = [];
      // start, tune, open-ok, channel.open-ok, get-ok, its header and body, qos-ok
      for (let i = 0; i < 7 + expected.length; i++) received.push((await within(socket.frame(), "a frame"))!);
      assert.deepEqual(received.slice(4, 6).map(({ type, channel }) => [type, channel]), [[METHOD, 1], [
        HEADER,
        1,
      ]]);
      const bodies = received.slice(6, -1);
      assert.deepEqual(
        bodies.map(({ type, payload }) => [type, payload.length]),
        expected.map((length) => [BODY, length]),
      );
    },
  );
}

contract("The contents of two deliveries on one connection are not mixed", async (broker) => {
  const connection = await broker.connect({ frameMax: broker.expected.smallestFrame });
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
