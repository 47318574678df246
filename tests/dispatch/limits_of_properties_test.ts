/** Each property and type of header at its limits: the bytes stay the same when it is run, moved and dead-lettered. */

import assert from "node:assert/strict";
import { runApp } from "../support/app.ts";
import { BODY, concat, encodeFrame, HEADER, methodFrame } from "../support/wire_client.ts";
import { WireConnection } from "../support/wire_connection.ts";
import { Raw, type Table, typed, Writer } from "../support/wire_fields.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const order = [
  ...["contentType", "contentEncoding", "headers", "deliveryMode", "priority", "correlationId", "replyTo"],
  ...["expiration", "messageId", "timestamp", "type", "userId", "appId", "clusterId"],
];

/** The bytes of one property. */
type Encoded = readonly [name: string, bytes: Uint8Array];
/** A property, and what must be found again of it: all its bytes, or each of these parts. */
type Case = readonly [Encoded, (readonly Uint8Array[])?];

const short = (text: string | Uint8Array) => {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return concat([Uint8Array.of(bytes.length), bytes]);
};
const bytes = (size: number, value: number | bigint) => new Writer().uint(size, value).bytes;
const tag = (type: string, value: Uint8Array) => new Raw(concat([new TextEncoder().encode(type), value]));
const noUtf8 = Uint8Array.from({ length: 255 }, (_, i) => i + 1);
const long = (value: Uint8Array) => concat([bytes(4, value.length), value]);

const strings = ["contentEncoding", "correlationId", "messageId", "type", "appId"];
/** Headers, and the bytes of each of them. */
const headers = (table: Table): Case => [
  ["headers", new Writer().table(table).bytes],
  Object.entries(table).map(([name, value]) => new Writer().table({ [name]: value }).bytes.subarray(4)),
];

const cases: Record<string, Case> = {
  ...Object.fromEntries(strings.flatMap((name): [string, Case][] => [
    [`${name} that is empty`, [[name, short("")]]],
    [`${name} of 255 bytes`, [[name, short("x".repeat(255))]]],
    [`${name} that is no UTF-8`, [[name, short(noUtf8)]]],
    [`${name} of control characters`, [[name, short("\u0000\u001b[31m\u202e")]]],
  ])),
  "content type of 255 bytes": [["contentType", short(`text/plain;${"x".repeat(244)}`)]],
  "content type that is no UTF-8": [["contentType", short(noUtf8)]],
  ...Object.fromEntries([0, 1, 9, 10, 255].map((value): [string, Case] => [
    `priority ${value}`,
    [["priority", bytes(1, value)]],
  ])),
  ...Object.fromEntries(
    [0n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n].map((value): [string, Case] => [
      `timestamp ${value}`,
      [["timestamp", bytes(8, value)]],
    ]),
  ),
  "no headers at all": headers({}),
  "names of headers": headers({ "": 1, ["n".repeat(255)]: 2, "__proto__": 3, "!": 4, "ü": 5 }),
  "integers": headers({
    b: typed("b", -128),
    s: typed("s", -32768),
    I: typed("I", -(2 ** 31)),
    l: tag("l", bytes(8, -(2n ** 63n))),
    most: tag("l", bytes(8, 2n ** 63n - 1n)),
    precise: tag("l", bytes(8, 2n ** 53n + 1n)),
  }),
  "numbers": headers({
    d: typed("d", 0.1),
    f: typed("f", 0.5),
    min: typed("d", 5e-324),
    zero: typed("d", -0),
  }),
  "times and decimals": headers({
    T: tag("T", bytes(8, 2n ** 63n - 1n)),
    D: tag("D", concat([bytes(1, 255), bytes(4, 2 ** 31 - 1)])),
  }),
  "text and bytes": headers({
    S: tag("S", long(noUtf8)),
    x: tag("x", long(noUtf8)),
    empty: tag("S", long(new Uint8Array())),
  }),
  "tables and lists": headers({ A: [], F: {}, V: null, t: true, mixed: [1, { a: [null, "b"] }] }),
};

testOnBroker(
  "Each property and type of header is handled and dead-lettered unchanged at its limits",
  async ({ broker, vhost, t }) => {
    const functions = {
      f: `export default queue("q", { retry: { attempts: 2, delay: 5, jitter: 0 } }, () => { throw new Error("No"); });`,
      r: `export default rpc("r", () => "reply");`,
    };
    await using app = await runApp({ functions, broker });
    const { hostname: host, port } = new URL(vhost.url);
    await using connection = await WireConnection.open({ host, port: Number(port) }, { vhost: vhost.name });
    const channel = await connection.channel();
    const { queue: replies } = await channel.call("queue.declare", { queue: "", exclusive: true });
    await channel.call("confirm.select");
    let count = 0;

    const send = async (routingKey: string, properties: readonly Encoded[]) => {
      const sorted = properties.toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b));
      const flags = sorted.reduce((sum, [name]) => sum | 1 << (15 - order.indexOf(name)), 0);
      const body = new TextEncoder().encode("body");
      const head = concat([bytes(4, 60 << 16), bytes(8, body.length), bytes(2, flags)]);
      await connection.socket.write(concat([
        methodFrame(channel.number, "basic.publish", { routingKey }),
        encodeFrame(HEADER, channel.number, concat([head, ...sorted.map(([, value]) => value)])),
        encodeFrame(BODY, channel.number, body),
      ]));
      await channel.next("basic.ack");
    };
    const holds = (header: Uint8Array, parts: readonly Uint8Array[]) => {
      for (const part of parts) assert.ok(header.toHex().includes(part.toHex()), `${part} in ${header}`);
    };

    for (const [what, [property, parts = [property[1]]]] of Object.entries(cases)) {
      await t.step(what, async () => {
        count++;
        await send("q", [property]);
        await app.events("retrying", count);
        const { error } = (await app.events("dead-lettered", count)).at(-1)!;
        assert.equal(error, "Error: No", "it was run");
        const dead = (await channel.get("q.dead", { noAck: true }))!;
        assert.equal(dead.body, "body");
        holds(dead.header, parts);

        const replyTo: Encoded = ["replyTo", short(`${replies}`)];
        await send("r", [property, replyTo]);
        let reply;
        while ((reply = await channel.get(`${replies}`, { noAck: true })) === undefined);
        assert.equal(reply.body, '"reply"');
        if (property[0] === "correlationId") holds(reply.header, parts);
      });
    }

    assert.deepEqual(app.seen("disconnected"), []);
    assert.deepEqual(app.seen("detached"), []);
    assert.deepEqual(app.seen("unanswered"), []);
  },
);
