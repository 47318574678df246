import assert from "node:assert/strict";
import { SettleFrames } from "../../runtime/link/settle_frames.ts";
import { concat, methodFrame } from "../support/wire_client.ts";

const bytes = (frames: Uint8Array | undefined) => frames && Uint8Array.from(frames);

Deno.test("Acks and nacks are written as AMQP frames in their order", () => {
  const frames = new SettleFrames(7);
  frames.requeue(1);
  frames.ack(3, true);
  frames.ack(5, false);
  frames.reject(6);

  assert.deepEqual(
    bytes(frames.take()),
    concat([
      methodFrame(7, "basic.nack", { deliveryTag: 1n, multiple: false, requeue: true }),
      methodFrame(7, "basic.ack", { deliveryTag: 3n, multiple: true }),
      methodFrame(7, "basic.ack", { deliveryTag: 5n, multiple: false }),
      methodFrame(7, "basic.nack", { deliveryTag: 6n, multiple: false, requeue: false }),
    ]),
  );
});

Deno.test("A delivery tag is written with 64 bits, and a channel number with 16", () => {
  const frames = new SettleFrames(65_535);
  frames.ack(Number.MAX_SAFE_INTEGER, false);

  assert.deepEqual(
    bytes(frames.take()),
    methodFrame(65_535, "basic.ack", { deliveryTag: BigInt(Number.MAX_SAFE_INTEGER), multiple: false }),
  );
});

Deno.test("Frames that were taken are not taken again", () => {
  const frames = new SettleFrames(1);
  frames.ack(1, false);
  frames.take();

  assert.equal(frames.take(), undefined);
});
