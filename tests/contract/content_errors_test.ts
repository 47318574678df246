import assert from "node:assert/strict";
import { contract, refused } from "../support/contract.ts";
import { BODY, concat, encodeFrame, HEADER, methodFrame } from "../support/wire_client.ts";
import { encodeHeader } from "../support/wire_methods.ts";

const text = (value: string) => new TextEncoder().encode(value);
const publish = methodFrame(1, "basic.publish", { routingKey: "nobody" });
const header = (bodySize: number, classId = 60) =>
  encodeFrame(HEADER, 1, encodeHeader({}, bodySize, classId));
const body = (value: string) => encodeFrame(BODY, 1, text(value));

const noHeader = "expected content header for class 60, got non content header frame instead";
const noBody = "expected content body, got non content body frame instead";
const noMethod = "expected method frame, got non method frame instead";

/** What a client with an open channel 1 sends, and the close that it gets. */
const errors: [what: string, bytes: Uint8Array, code: number, text: string, by: string][] = [
  [
    "A weight in a header",
    concat([publish, encodeFrame(HEADER, 1, Uint8Array.of(0, 60, 0, 7, ...new Uint8Array(10)))]),
    505,
    `UNEXPECTED_FRAME - ${noHeader}`,
    "basic.publish",
  ],
  [
    "A method in place of a header",
    concat([publish, methodFrame(1, "basic.qos")]),
    505,
    `UNEXPECTED_FRAME - ${noHeader}`,
    "basic.publish",
  ],
  [
    "A second publish in place of a header",
    concat([publish, publish]),
    505,
    `UNEXPECTED_FRAME - ${noHeader}`,
    "basic.publish",
  ],
  [
    "A body in place of a header",
    concat([publish, body("x")]),
    505,
    `UNEXPECTED_FRAME - ${noHeader}`,
    "basic.publish",
  ],
  [
    "Closing the channel in place of a header",
    concat([publish, methodFrame(1, "channel.close")]),
    505,
    `UNEXPECTED_FRAME - ${noHeader}`,
    "basic.publish",
  ],
  [
    "A method in place of a body",
    concat([publish, header(5), methodFrame(1, "basic.qos")]),
    505,
    `UNEXPECTED_FRAME - ${noBody}`,
    "basic.publish",
  ],
  [
    "A method between two bodies",
    concat([publish, header(5), body("ab"), methodFrame(1, "basic.qos")]),
    505,
    `UNEXPECTED_FRAME - ${noBody}`,
    "basic.publish",
  ],
  [
    "A second header",
    concat([publish, header(5), header(5)]),
    505,
    `UNEXPECTED_FRAME - ${noBody}`,
    "basic.publish",
  ],
  ["A header alone", header(5), 505, `UNEXPECTED_FRAME - ${noMethod}`, "none"],
  ["A body alone", body("x"), 505, `UNEXPECTED_FRAME - ${noMethod}`, "none"],
  [
    "A body after an empty message",
    concat([publish, header(0), body("x")]),
    505,
    `UNEXPECTED_FRAME - ${noMethod}`,
    "none",
  ],
  [
    "A header of another class",
    concat([publish, header(5, 50)]),
    505,
    "UNEXPECTED_FRAME - expected content header for class 60, got one for class 50 instead",
    "basic.publish",
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

contract("An empty body frame is skipped", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  const { number, connection } = channel;
  await connection.socket.write(concat([
    methodFrame(number, "basic.publish", { routingKey: queue }),
    encodeFrame(HEADER, number, encodeHeader({}, 2)),
    encodeFrame(BODY, number, new Uint8Array(0)),
    encodeFrame(BODY, number, text("ab")),
  ]));
  assert.equal((await channel.get(queue))?.body, "ab");
});

contract("The contents of several channels may be interleaved", async (broker) => {
  const connection = await broker.connect();
  const [first, second] = [await connection.channel(1), await connection.channel(2)];
  const queue = await broker.queue(first);
  const publishTo = (channel: number) => methodFrame(channel, "basic.publish", { routingKey: queue });
  const head = (channel: number) => encodeFrame(HEADER, channel, encodeHeader({}, 4));
  await connection.socket.write(concat([
    publishTo(1),
    publishTo(2),
    head(2),
    encodeFrame(BODY, 2, text("se")),
    head(1),
    encodeFrame(BODY, 1, text("fi")),
    encodeFrame(BODY, 2, text("co")),
    encodeFrame(BODY, 1, text("rs")),
  ]));
  const bodies = [];
  while (bodies.length < 2) {
    const got = await second.get(queue, { noAck: true });
    if (got) bodies.push(got.body);
  }
  assert.deepEqual(bodies.sort(), ["firs", "seco"]);
});

contract("A closed connection requeues the unacknowledged messages of all its channels", async (broker) => {
  const connection = await broker.connect();
  const [first, second] = [await connection.channel(), await connection.channel()];
  const queue = await broker.queue(await broker.channel());
  await broker.fill(queue, ["1", "2"]);
  for (const channel of [first, second]) await channel.get(queue);
  await connection.socket.write(encodeFrame(0, 0, new Uint8Array(0)));
  await connection.refused();
  const channel = await broker.channel();
  await channel.call("basic.consume", { queue });
  assert.deepEqual(await channel.bodies(2), ["1", "2"]);
});
