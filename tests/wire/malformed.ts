/** The bytes that misbehaving clients send, generated from a seed. */

import {
  BODY,
  concat,
  encodeFrame,
  HEADER,
  HEARTBEAT,
  METHOD,
  methodFrame,
  PROTOCOL_HEADER,
} from "../support/wire_client.ts";
import { encodeHeader, encodeMethod, METHOD_NAMES } from "../support/wire_methods.ts";
import { Random } from "../support/random.ts";

/** The whole handshake and the opening of channel 1, in one piece. */
export const GREETING = concat([
  PROTOCOL_HEADER,
  methodFrame(0, "connection.start-ok", { mechanism: "PLAIN", response: "\0guest\0guest", locale: "en_US" }),
  methodFrame(0, "connection.tune-ok", { channelMax: 100, frameMax: 4096, heartbeat: 0 }),
  methodFrame(0, "connection.open", { virtualHost: "/" }),
  methodFrame(1, "channel.open"),
]);

const QUEUE = "malformed";

/** A correct client: it declares, publishes, consumes, acknowledges and deletes. */
function wellBehaved(random: Random): Uint8Array[] {
  const body = random.bytes(random.int(200));
  return [
    methodFrame(1, "queue.declare", { queue: QUEUE, arguments: { "x-max-length": 10, "x-expires": 5000 } }),
    methodFrame(1, "confirm.select"),
    methodFrame(1, "queue.bind", {
      queue: QUEUE,
      exchange: "amq.headers",
      arguments: { "x-match": "any", a: 1 },
    }),
    methodFrame(1, "basic.publish", { routingKey: QUEUE, mandatory: true }),
    encodeFrame(
      HEADER,
      1,
      encodeHeader({ headers: { a: 1, b: ["c", { d: true }] }, expiration: "100" }, body.length),
    ),
    encodeFrame(BODY, 1, body),
    methodFrame(1, "basic.consume", { queue: QUEUE, consumerTag: "c", arguments: { "x-priority": 1 } }),
    methodFrame(1, "basic.ack", { deliveryTag: 1, multiple: random.int(2) === 1 }),
    methodFrame(1, "basic.get", { queue: QUEUE, noAck: true }),
    methodFrame(1, "queue.delete", { queue: QUEUE }),
    encodeFrame(HEARTBEAT, 0, new Uint8Array(0)),
  ];
}

/** Each fault makes a misbehaving client out of a correct one. */
const FAULTS: Record<string, (random: Random) => Uint8Array> = {
  "flipped bytes": (random) => {
    const bytes = concat(wellBehaved(random));
    for (let i = 0; i <= random.int(5); i++) bytes[random.int(bytes.length)] = random.int(256);
    return bytes;
  },
  "a cut": (random) => {
    const bytes = concat(wellBehaved(random));
    return bytes.subarray(0, random.int(bytes.length));
  },
  "a hole": (random) => {
    const bytes = concat(wellBehaved(random));
    const at = random.int(bytes.length);
    return concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + random.int(20)))]);
  },
  "wrong order": (random) => {
    const frames = wellBehaved(random);
    return concat(Array.from({ length: 15 }, () => random.pick(frames)));
  },
  "any methods": (random) =>
    concat(Array.from({ length: 10 }, () => methodFrame(random.int(4), random.pick(METHOD_NAMES)))),
  "random arguments": (random) => {
    const payload = concat([
      encodeMethod(random.pick(METHOD_NAMES)).subarray(0, 4),
      random.bytes(random.int(60)),
    ]);
    return encodeFrame(METHOD, random.int(2), payload);
  },
  "random properties": (random) => {
    const header = concat([
      encodeHeader({}, random.int(100)).subarray(0, 12),
      random.bytes(2 + random.int(80)),
    ]);
    return concat([methodFrame(1, "basic.publish", { routingKey: QUEUE }), encodeFrame(HEADER, 1, header)]);
  },
  "a lying body size": (random) => {
    const body = random.bytes(random.int(50));
    return concat([
      methodFrame(1, "basic.publish", { routingKey: QUEUE }),
      encodeFrame(HEADER, 1, encodeHeader({}, random.pick([0, 1, body.length + 1, 2 ** 31, 2 ** 53]))),
      encodeFrame(BODY, 1, body),
      methodFrame(1, "basic.get", { queue: QUEUE }),
    ]);
  },
  "a lying frame size": (random) => {
    const frame = random.pick(wellBehaved(random)).slice();
    new DataView(frame.buffer).setUint32(3, random.pick([0, 1, 7, 4088, 4089, 2 ** 31, 2 ** 32 - 1]));
    return concat([frame, ...wellBehaved(random)]);
  },
  "any frames": (random) =>
    concat(
      Array.from(
        { length: 5 },
        () => encodeFrame(random.int(10), random.int(3), random.bytes(random.int(30))),
      ),
    ),
  "nested tables": (random) => {
    const depth = 1 + random.int(570);
    const opening = Array.from({ length: depth }, (_, index) => {
      const size = (depth - index - 1) * 7;
      return Uint8Array.of(1, 97, 70, size >>> 24, size >>> 16 & 255, size >>> 8 & 255, size & 255);
    });
    const size = depth * 7;
    const table = concat([Uint8Array.of(0, 0, size >>> 8, size & 255), ...opening]);
    const args = concat([Uint8Array.of(0, 50, 0, 10, 0, 0, 1, 113, 0), table]);
    return encodeFrame(METHOD, 1, args);
  },
};

/** The bytes and the fault of the client with this seed. */
export function malformed(seed: number): { fault: string; bytes: Uint8Array } {
  const random = new Random(seed * 2_654_435_761);
  const fault = random.pick([...Object.keys(FAULTS), "no greeting", "random bytes"]);
  if (fault === "no greeting") {
    const bytes = GREETING.slice(0, 8 + random.int(GREETING.length - 8));
    for (let i = 0; i <= random.int(3); i++) bytes[random.int(bytes.length)] = random.int(256);
    return { fault, bytes };
  }
  if (fault === "random bytes") return { fault, bytes: random.bytes(random.int(300)) };
  return { fault, bytes: concat([GREETING, FAULTS[fault]!(random)]) };
}
