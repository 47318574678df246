import assert from "node:assert/strict";
import { contract, refused } from "../support/contract.ts";
import {
  BODY,
  concat,
  contentFrames,
  encodeFrame,
  HEADER,
  HEARTBEAT,
  METHOD,
  methodFrame,
} from "../support/wire_client.ts";
import { encodeHeader, encodeMethod } from "../support/wire_methods.ts";

const NONE = new Uint8Array(0);
const text = (value: string) => new TextEncoder().encode(value);
const publish = methodFrame(1, "basic.publish", { routingKey: "nobody" });
const header = (bodySize: number, classId = 60) =>
  encodeFrame(HEADER, 1, encodeHeader({}, bodySize, classId));
const body = (value: string) => encodeFrame(BODY, 1, text(value));
const method = (...bytes: number[]) => encodeFrame(METHOD, 1, Uint8Array.from(bytes));

const noHeader = "expected content header for class 60, got non content header frame instead";
const noBody = "expected content body, got non content body frame instead";
const noMethod = "expected method frame, got non method frame instead";
const wrongState = "unexpected method in connection state running";
const unimplemented = "COMMAND_INVALID - unimplemented method";

/** What a client with an open channel 1 sends, and the close it gets for that. */
const errors: [what: string, bytes: Uint8Array, code: number, text: string, by: string][] = [
  [
    "a method on a channel that is not open",
    methodFrame(5, "basic.qos"),
    504,
    "CHANNEL_ERROR - expected 'channel.open'",
    "basic.qos",
  ],
  [
    "closing a channel that is not open",
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
    "opening a channel twice",
    methodFrame(1, "channel.open"),
    504,
    "CHANNEL_ERROR - second 'channel.open' seen",
    "channel.open",
  ],
  ["opening channel 0", methodFrame(0, "channel.open"), 504, `CHANNEL_ERROR - ${wrongState}`, "channel.open"],
  [
    "a channel's method on channel 0",
    methodFrame(0, "basic.qos"),
    504,
    `CHANNEL_ERROR - ${wrongState}`,
    "basic.qos",
  ],
  [
    "opening the connection again",
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
    "a connection's method on channel 1",
    methodFrame(1, "connection.close"),
    503,
    unimplemented,
    "connection.close",
  ],
  [
    "a delivery by a client",
    contentFrames(1, "basic.deliver", {}, {}, text("x"), 4096),
    503,
    unimplemented,
    "basic.deliver",
  ],
  ["a reply by a client", methodFrame(1, "queue.declare-ok"), 503, unimplemented, "queue.declare-ok"],
  [
    "a consumer's cancel-ok unasked",
    methodFrame(1, "basic.cancel-ok", { consumerTag: "x" }),
    503,
    unimplemented,
    "basic.cancel-ok",
  ],
  [
    "a weight in a header",
    concat([publish, encodeFrame(HEADER, 1, Uint8Array.of(0, 60, 0, 7, ...new Uint8Array(10)))]),
    505,
    `UNEXPECTED_FRAME - ${noHeader}`,
    "basic.publish",
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
  [
    "a method in place of a header",
    concat([publish, methodFrame(1, "basic.qos")]),
    505,
    `UNEXPECTED_FRAME - ${noHeader}`,
    "basic.publish",
  ],
  [
    "a second publish in place of a header",
    concat([publish, publish]),
    505,
    `UNEXPECTED_FRAME - ${noHeader}`,
    "basic.publish",
  ],
  [
    "a body in place of a header",
    concat([publish, body("x")]),
    505,
    `UNEXPECTED_FRAME - ${noHeader}`,
    "basic.publish",
  ],
  [
    "closing the channel in place of a header",
    concat([publish, methodFrame(1, "channel.close")]),
    505,
    `UNEXPECTED_FRAME - ${noHeader}`,
    "basic.publish",
  ],
  [
    "a method in place of a body",
    concat([publish, header(5), methodFrame(1, "basic.qos")]),
    505,
    `UNEXPECTED_FRAME - ${noBody}`,
    "basic.publish",
  ],
  [
    "a method between two bodies",
    concat([publish, header(5), body("ab"), methodFrame(1, "basic.qos")]),
    505,
    `UNEXPECTED_FRAME - ${noBody}`,
    "basic.publish",
  ],
  [
    "a second header",
    concat([publish, header(5), header(5)]),
    505,
    `UNEXPECTED_FRAME - ${noBody}`,
    "basic.publish",
  ],
  ["a header alone", header(5), 505, `UNEXPECTED_FRAME - ${noMethod}`, "none"],
  ["a body alone", body("x"), 505, `UNEXPECTED_FRAME - ${noMethod}`, "none"],
  [
    "a body after an empty message",
    concat([publish, header(0), body("x")]),
    505,
    `UNEXPECTED_FRAME - ${noMethod}`,
    "none",
  ],
  [
    "a header of another class",
    concat([publish, header(5, 50)]),
    505,
    "UNEXPECTED_FRAME - expected content header for class 60, got one for class 50 instead",
    "basic.publish",
  ],
  [
    "a header too short",
    concat([publish, encodeFrame(HEADER, 1, Uint8Array.of(0, 60))]),
    501,
    "FRAME_ERROR - type 2, all octets = <<0,60>>: unknown_frame",
    "none",
  ],
  [
    "a heartbeat on channel 1",
    encodeFrame(HEARTBEAT, 1, NONE),
    505,
    "UNEXPECTED_FRAME - type 8, all octets = <<>>",
    "none",
  ],
  [
    "a heartbeat that says something",
    encodeFrame(HEARTBEAT, 0, text("abc")),
    501,
    `FRAME_ERROR - type 8, all octets = <<"abc">>: unknown_frame`,
    "none",
  ],
  [
    "a body on channel 0",
    encodeFrame(BODY, 0, text("x")),
    505,
    `UNEXPECTED_FRAME - type 3, all octets = <<"x">>`,
    "none",
  ],
  [
    "a header on channel 0",
    encodeFrame(HEADER, 0, encodeHeader({}, 0)),
    505,
    "UNEXPECTED_FRAME - type 2, all octets = <<0,60,0,0,0,0,0,0,0,0,0,0,0,0>>",
    "none",
  ],
  [
    "a frame of type 4",
    encodeFrame(4, 1, text("x")),
    501,
    `FRAME_ERROR - type 4, all octets = <<"x">>: unknown_frame`,
    "none",
  ],
  [
    "a frame of type 0",
    encodeFrame(0, 0, NONE),
    501,
    "FRAME_ERROR - type 0, all octets = <<>>: unknown_frame",
    "none",
  ],
  [
    "a frame with a wrong end",
    encodeFrame(METHOD, 1, encodeMethod("basic.qos"), 0),
    501,
    "FRAME_ERROR - type 1, all octets = <<0,60,0,10,0,0,0,0,0,0,0>>: {invalid_frame_end_marker,0}",
    "none",
  ],
  [
    "a method without its number",
    method(0, 60, 0),
    501,
    "FRAME_ERROR - type 1, all octets = <<0,60,0>>: unknown_frame",
    "none",
  ],
  [
    "a method frame of nothing",
    method(),
    501,
    "FRAME_ERROR - type 1, all octets = <<>>: unknown_frame",
    "none",
  ],
  [
    "arguments too short",
    method(0, 60, 0, 10, 0, 0),
    501,
    "FRAME_ERROR - cannot decode <<0,0>>",
    "basic.qos",
  ],
  [
    "a string longer than its frame",
    method(0, 50, 0, 10, 0, 0, 9, 65, 0, 0, 0, 0, 0),
    501,
    "FRAME_ERROR - cannot decode <<0,0,9,65,0,0,0,0,0>>",
    "queue.declare",
  ],
  [
    "arguments too long",
    encodeFrame(METHOD, 1, concat([encodeMethod("basic.qos"), Uint8Array.of(1, 2, 3)])),
    501,
    "FRAME_ERROR - cannot decode <<0,0,0,0,0,0,0,1,2,3>>",
    "basic.qos",
  ],
  [
    "a name that is not UTF-8",
    method(0, 50, 0, 10, 0, 0, 3, 0xff, 0xfe, 0xfd, 0, 0, 0, 0, 0),
    501,
    "FRAME_ERROR - Malformed UTF-8 in shortstr",
    "none",
  ],
  [
    "another protocol in the middle",
    text("GET / HTTP/1.1\r\n\r\n"),
    501,
    "FRAME_ERROR - type 71, all octets = <<>>: {frame_too_large,539959368,131064}",
    "none",
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

contract("a frame above the negotiated size closes the connection", async (broker) => {
  const connection = await broker.connect({ frameMax: 4096 });
  await connection.channel(1);
  await connection.socket.write(encodeFrame(BODY, 1, new Uint8Array(5000)));
  await refused(
    connection.refused(),
    501,
    "FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,5000,4088}",
    { by: "none" },
  );
});

contract("a payload may be as long as the whole frame should be, and no longer", async (broker) => {
  for (
    const [size, code, reply] of [
      [4096, 505, `UNEXPECTED_FRAME - ${noMethod}`],
      [4097, 501, "FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,4097,4088}"],
    ] as const
  ) {
    const connection = await broker.connect({ frameMax: 4096 });
    await connection.channel(1);
    await connection.socket.write(encodeFrame(BODY, 1, new Uint8Array(size)));
    await refused(connection.refused(), code, reply, { by: "none" });
  }
});

contract("an empty body frame is skipped", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  const { number, connection } = channel;
  await connection.socket.write(concat([
    methodFrame(number, "basic.publish", { routingKey: queue }),
    encodeFrame(HEADER, number, encodeHeader({}, 2)),
    encodeFrame(BODY, number, NONE),
    encodeFrame(BODY, number, text("ab")),
  ]));
  assert.equal((await channel.get(queue))?.body, "ab");
});

contract("contents of several channels may be mixed", async (broker) => {
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

contract("a closed connection puts back what all its channels held", async (broker) => {
  const connection = await broker.connect();
  const [first, second] = [await connection.channel(), await connection.channel()];
  const queue = await broker.queue(await broker.channel());
  await broker.fill(queue, ["1", "2"]);
  for (const channel of [first, second]) await channel.get(queue);
  await connection.socket.write(encodeFrame(0, 0, NONE));
  await connection.refused();
  const channel = await broker.channel();
  await channel.call("basic.consume", { queue });
  assert.deepEqual(await channel.bodies(2), ["1", "2"]);
});

contract("the secret is updated", async (broker) => {
  const connection = await broker.connect();
  await connection.send("connection.update-secret", { newSecret: "guest", reason: "renewed" });
  assert.deepEqual((await connection.expect("connection.update-secret-ok")).args, {});
});
