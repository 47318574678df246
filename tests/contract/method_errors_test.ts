import assert from "node:assert/strict";
import { contract, refused } from "../support/contract.ts";
import { contentFrames, methodFrame } from "../support/wire_client.ts";

const wrongState = "unexpected method in connection state running";
const unimplemented = "COMMAND_INVALID - unimplemented method";

/** What a client with an open channel 1 sends, and the close that it gets. */
const errors: [what: string, bytes: Uint8Array, code: number, text: string, by: string][] = [
  [
    "A method on a channel that is not open",
    methodFrame(5, "basic.qos"),
    504,
    "CHANNEL_ERROR - expected 'channel.open'",
    "basic.qos",
  ],
  [
    "Closing a channel that is not open",
    methodFrame(5, "channel.close"),
    504,
    "CHANNEL_ERROR - expected 'channel.open'",
    "channel.close",
  ],
  [
    "close-ok on a channel that is not open",
    methodFrame(5, "channel.close-ok"),
    504,
    "CHANNEL_ERROR - expected 'channel.open'",
    "channel.close-ok",
  ],
  [
    "Opening a channel twice",
    methodFrame(1, "channel.open"),
    504,
    "CHANNEL_ERROR - second 'channel.open' seen",
    "channel.open",
  ],
  ["Opening channel 0", methodFrame(0, "channel.open"), 504, `CHANNEL_ERROR - ${wrongState}`, "channel.open"],
  [
    "A channel's method on channel 0",
    methodFrame(0, "basic.qos"),
    504,
    `CHANNEL_ERROR - ${wrongState}`,
    "basic.qos",
  ],
  [
    "Opening the connection again",
    methodFrame(0, "connection.open", { virtualHost: "/" }),
    504,
    `CHANNEL_ERROR - ${wrongState}`,
    "connection.open",
  ],
  [
    "tuning again",
    methodFrame(0, "connection.tune-ok"),
    504,
    `CHANNEL_ERROR - ${wrongState}`,
    "connection.tune-ok",
  ],
  [
    "close-ok unasked",
    methodFrame(0, "connection.close-ok"),
    504,
    `CHANNEL_ERROR - ${wrongState}`,
    "connection.close-ok",
  ],
  [
    "A connection's method on channel 1",
    methodFrame(1, "connection.close"),
    503,
    unimplemented,
    "connection.close",
  ],
  [
    "A delivery by a client",
    contentFrames(1, "basic.deliver", {}, {}, new Uint8Array(1), 4096),
    503,
    unimplemented,
    "basic.deliver",
  ],
  ["A reply by a client", methodFrame(1, "queue.declare-ok"), 503, unimplemented, "queue.declare-ok"],
  [
    "A consumer's cancel-ok unasked",
    methodFrame(1, "basic.cancel-ok", { consumerTag: "x" }),
    503,
    unimplemented,
    "basic.cancel-ok",
  ],
  ["channel.close-ok unasked", methodFrame(1, "channel.close-ok"), 503, unimplemented, "channel.close-ok"],
  [
    "channel.flow-ok unasked",
    methodFrame(1, "channel.flow-ok", { active: true }),
    503,
    unimplemented,
    "channel.flow-ok",
  ],
  [
    "channel.flow off",
    methodFrame(1, "channel.flow", { active: false }),
    540,
    "NOT_IMPLEMENTED - active=false",
    "channel.flow",
  ],
];

for (const [what, bytes, code, reply, by] of errors) {
  contract(`${what} closes the connection with ${code}`, async (broker) => {
    const connection = await broker.connect();
    await connection.channel(1);
    await connection.socket.write(bytes);
    await refused(connection.refused(), code, reply, { by });
  });
}

contract("Updating the secret is answered", async (broker) => {
  const connection = await broker.connect();
  await connection.send("connection.update-secret", { newSecret: "guest", reason: "renewed" });
  assert.deepEqual((await connection.expect("connection.update-secret-ok")).args, {});
});
