import { contract, refused } from "../support/contract.ts";
import { BODY, concat, encodeFrame, HEADER, HEARTBEAT, METHOD, methodFrame } from "../support/wire_client.ts";
import { encodeHeader, encodeMethod } from "../support/wire_methods.ts";

const NONE = new Uint8Array(0);
const text = (value: string) => new TextEncoder().encode(value);
const publish = methodFrame(1, "basic.publish", { routingKey: "nobody" });
const method = (...bytes: number[]) => encodeFrame(METHOD, 1, Uint8Array.from(bytes));

/** What a client with an open channel 1 sends, and the close that it gets. */
const errors: [what: string, bytes: Uint8Array, code: number, text: string, by: string][] = [
  [
    "A header too short",
    concat([publish, encodeFrame(HEADER, 1, Uint8Array.of(0, 60))]),
    501,
    "FRAME_ERROR - type 2, all octets = <<0,60>>: unknown_frame",
    "none",
  ],
  [
    "A heartbeat on channel 1",
    encodeFrame(HEARTBEAT, 1, NONE),
    505,
    "UNEXPECTED_FRAME - type 8, all octets = <<>>",
    "none",
  ],
  [
    "A heartbeat that says something",
    encodeFrame(HEARTBEAT, 0, text("abc")),
    501,
    `FRAME_ERROR - type 8, all octets = <<"abc">>: unknown_frame`,
    "none",
  ],
  [
    "A body on channel 0",
    encodeFrame(BODY, 0, text("x")),
    505,
    `UNEXPECTED_FRAME - type 3, all octets = <<"x">>`,
    "none",
  ],
  [
    "A header on channel 0",
    encodeFrame(HEADER, 0, encodeHeader({}, 0)),
    505,
    "UNEXPECTED_FRAME - type 2, all octets = <<0,60,0,0,0,0,0,0,0,0,0,0,0,0>>",
    "none",
  ],
  [
    "A frame of type 4",
    encodeFrame(4, 1, text("x")),
    501,
    `FRAME_ERROR - type 4, all octets = <<"x">>: unknown_frame`,
    "none",
  ],
  [
    "A frame of type 0",
    encodeFrame(0, 0, NONE),
    501,
    "FRAME_ERROR - type 0, all octets = <<>>: unknown_frame",
    "none",
  ],
  [
    "A frame with a wrong end",
    encodeFrame(METHOD, 1, encodeMethod("basic.qos"), 0),
    501,
    "FRAME_ERROR - type 1, all octets = <<0,60,0,10,0,0,0,0,0,0,0>>: {invalid_frame_end_marker,0}",
    "none",
  ],
  [
    "A method without its number",
    method(0, 60, 0),
    501,
    "FRAME_ERROR - type 1, all octets = <<0,60,0>>: unknown_frame",
    "none",
  ],
  [
    "A method frame of nothing",
    method(),
    501,
    "FRAME_ERROR - type 1, all octets = <<>>: unknown_frame",
    "none",
  ],
  [
    "Arguments too short",
    method(0, 60, 0, 10, 0, 0),
    501,
    "FRAME_ERROR - cannot decode <<0,0>>",
    "basic.qos",
  ],
  [
    "A string longer than its frame",
    method(0, 50, 0, 10, 0, 0, 9, 65, 0, 0, 0, 0, 0),
    501,
    "FRAME_ERROR - cannot decode <<0,0,9,65,0,0,0,0,0>>",
    "queue.declare",
  ],
  [
    "Arguments too long",
    encodeFrame(METHOD, 1, concat([encodeMethod("basic.qos"), Uint8Array.of(1, 2, 3)])),
    501,
    "FRAME_ERROR - cannot decode <<0,0,0,0,0,0,0,1,2,3>>",
    "basic.qos",
  ],
  [
    "A name that is not UTF-8",
    method(0, 50, 0, 10, 0, 0, 3, 0xff, 0xfe, 0xfd, 0, 0, 0, 0, 0),
    501,
    "FRAME_ERROR - Malformed UTF-8 in shortstr",
    "none",
  ],
  [
    "Another protocol in the middle",
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

contract("A frame above the negotiated size closes the connection", async (broker) => {
  const frameMax = broker.expected.smallestFrame;
  const connection = await broker.connect({ frameMax });
  await connection.channel(1);
  await connection.socket.write(encodeFrame(BODY, 1, new Uint8Array(9000)));
  await refused(
    connection.refused(),
    501,
    `FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,9000,${frameMax - 8}}`,
    { by: "none" },
  );
});

contract("A payload may be as long as the whole frame should be, and no longer", async (broker) => {
  const frameMax = broker.expected.smallestFrame;
  const tooLarge = `{frame_too_large,${frameMax + 1},${frameMax - 8}}`;
  for (
    const [size, code, reply] of [
      [frameMax, 505, "UNEXPECTED_FRAME - expected method frame, got non method frame instead"],
      [frameMax + 1, 501, `FRAME_ERROR - type 3, all octets = <<>>: ${tooLarge}`],
    ] as const
  ) {
    const connection = await broker.connect({ frameMax });
    await connection.channel(1);
    await connection.socket.write(encodeFrame(BODY, 1, new Uint8Array(size)));
    await refused(connection.refused(), code, reply, { by: "none" });
  }
});
