/** Header values: what handlers get, what they send, and what is moved. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { replayDeadLetters } from "../../runtime/client/dead_letters.ts";
import { inspect } from "../../runtime/client/inspect.ts";
import { connect } from "../../runtime/client/mod.ts";
import type { Broker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { bytesOf, openWire, typesIn, type Wire } from "../support/header_wire.ts";
import type { Message } from "../support/wire_channel.ts";
import { Raw, type Table, typed, Writer } from "../support/wire_fields.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const test = (name: string, run: (broker: Broker, wire: Wire) => Promise<void>) =>
  testOnBroker(name, async ({ broker, vhost }) => {
    await using wire = await openWire(vhost);
    await run(broker, wire);
  });

function assertHolds({ header }: Message, headers: Table): void {
  for (const [name, value] of Object.entries(headers)) {
    assert.ok(header.toHex().includes(bytesOf(name, value).toHex()), name);
  }
}

const eight = (tag: string, value: bigint) =>
  new Raw(new Writer().raw(new TextEncoder().encode(tag)).uint(8, value).bytes);
const latest = 2n ** 64n - 1n;
const noUtf8 = Uint8Array.of(0xff, 0xfe);

/** Headers that a program in JavaScript could lose or change. */
const odd: Table = {
  big: eight("l", 2n ** 53n + 1n),
  text: typed("S", noUtf8),
  bytes: typed("x", noUtf8),
  wide: typed("I", 7),
  float: typed("f", 0.5),
  whole: typed("d", 3),
  late: eight("T", latest),
  price: typed("D", [2, 1999]),
  at: typed("T", new Date(1_700_000_000_000)),
  table: { "!": "timestamp", value: "x" },
};

const fails =
  `export default queue("q", { retry: { attempts: 3, delay: 5, jitter: 0 } }, (input, { message, log }) => {
  const { id, contentType, type, headers } = message;
  log("seen", { input, id, contentType, type, table: JSON.stringify(headers.table), names: Object.keys(headers) });
  throw new Error("No");
});`;

test(
  "A retried and dead-lettered message keeps its id, its type and the bytes of its headers",
  async (broker, wire) => {
    await using app = await runApp({ functions: { f: fails }, broker });

    await wire.send("q", "42", {
      messageId: "m1",
      contentType: "text/plain",
      type: "order",
      timestamp: latest as unknown as number,
      headers: { ...odd, "!": 1 },
    });
    await app.event("dead-lettered");

    const seen = {
      input: "42",
      id: "m1",
      contentType: "text/plain",
      type: "order",
      table: '{"!":"timestamp","value":"x"}',
      names: [...Object.keys(odd), "!"],
    };
    assert.deepEqual(
      app.seen("log").map(({ data }) => ({ ...data, names: (data!.names as string[]).toSorted() })),
      Array(3).fill(JSON.parse(JSON.stringify({ ...seen, names: seen.names.toSorted() }))),
    );
    const dead = await wire.next("q.dead");
    assertHolds(dead, { ...odd, "!": 1 });
    const { messageId, contentType, type } = dead.properties;
    assert.deepEqual([messageId, contentType, type], ["m1", "text/plain", "order"]);
    assert.ok(dead.header.toHex().includes("ff".repeat(8)), "its time");
    assert.deepEqual(app.seen("disconnected"), []);
  },
);

const tells = `export default queue("q", (_, { message: { headers }, log }) => {
  const told = (value) => {
    if (value instanceof Uint8Array) return \`bytes \${value}\`;
    if (value instanceof Date) return \`Date \${value.toISOString()}\`;
    if (typeof value === "object") return JSON.stringify(value);
    return \`\${typeof value} \${value}\`;
  };
  log("told", Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, told(value)])));
});`;

for (const isolate of ["process", "inline"] as const) {
  test(
    `A handler gets each header as the matching JavaScript value: ${isolate}`,
    async (broker, wire) => {
      await using app = await runApp({
        functions: { f: tells },
        broker,
        config: { defaults: { isolate } },
      });

      await wire.send("q", "x", { headers: odd });

      assert.deepEqual((await app.event("log")).data, {
        big: "bigint 9007199254740993",
        text: "bytes 255,254",
        bytes: "bytes 255,254",
        wide: "number 7",
        float: "number 0.5",
        whole: "number 3",
        late: '"18446744073709551615"',
        price: '"19.99"',
        at: "Date 2023-11-14T22:13:20.000Z",
        table: '{"!":"timestamp","value":"x"}',
      });
    },
  );

  test(
    `Headers that a handler sends or passes on arrive with their types: ${isolate}`,
    async (broker, wire) => {
      await broker.channel.assertQueue("out");
      await broker.channel.assertExchange("x", "fanout");
      await broker.channel.bindQueue("out", "x", "");
      await using app = await runApp({
        functions: {
          f: `export default queue("q", async (_, { message, send, publish }) => {
          const at = new Date(0), sum = new Uint8Array([0, 255]);
          const headers = { ...message.headers, made: at, sum, big2: 2n ** 63n - 1n, deep: { list: [at, sum, 1n] } };
          await send("out", "sent", { headers });
          await publish("x", "", "published", { headers });
        });`,
        },
        broker,
        config: { defaults: { isolate } },
      });

      await wire.send("q", "x", { headers: odd });
      await app.event("handled");

      const made = typed("T", new Date(0)), sum = typed("x", Uint8Array.of(0, 255));
      for (const body of ["sent", "published"]) {
        const message = await wire.next("out");
        assert.equal(message.body, body);
        assertHolds(message, {
          made,
          sum,
          big2: eight("l", 2n ** 63n - 1n),
          deep: { list: [made, sum, typed("l", 1)] },
          // Unchanged, except for the widths of numbers, which JavaScript does not have.
          ...{
            big: odd.big,
            bytes: odd.bytes,
            late: odd.late,
            price: odd.price,
            at: odd.at,
            table: odd.table,
          },
          text: typed("x", noUtf8),
          wide: typed("b", 7),
          float: typed("d", 0.5),
          whole: typed("b", 3),
        });
      }
    },
  );

  test(`A header that cannot be sent is an error that names it: ${isolate}`, async (broker, wire) => {
    await broker.channel.assertQueue("out");
    await using app = await runApp({
      functions: {
        f: `export default queue("q", async (_, { log, send, publish, call }) => {
          const circle = {};
          circle.again = circle;
          for (const x of [() => {}, Symbol("s"), NaN, circle, 2n ** 63n, { ["k".repeat(256)]: 1 }, new Map()]) {
            const options = { headers: { at: { x } } };
            const errors = [send("out", 1, options), publish("", "out", 1, options), call("out", 1, options)]
              .map((sent) => sent.then(() => "sent", (error) => \`\${error.name}: \${error.message}\`));
            const said = new Set(await Promise.all(errors));
            log([...said].join(" | "));
          }
        });`,
      },
      broker,
      config: { defaults: { isolate } },
    });

    await wire.send("q", "x", {});
    await app.event("handled");

    const said = app.said("f");
    const expected = [
      /^ArgumentError: headers\.at\.x is a function; [^|]*$/,
      /^ArgumentError: headers\.at\.x is a symbol; [^|]*$/,
      /^ArgumentError: headers\.at\.x is NaN; [^|]*$/,
      /^ArgumentError: headers\.at\.x\.again contains itself$/,
      /^ArgumentError: headers\.at\.x is 9223372036854775808n; [^|]*$/,
      /^ArgumentError: headers\.at\.x\["k{60}…"\] has a name of 256 bytes; AMQP carries at most 255$/,
      /^ArgumentError: headers\.at\.x is an instance of Map; [^|]*$/,
    ];
    assert.equal(said.length, expected.length);
    expected.forEach((pattern, i) => assert.match(said[i]!, pattern));
    assert.equal(await broker.waiting("out"), 0);
  });
}

test("Headers that a client sends arrive with their types", async (broker, wire) => {
  await broker.channel.assertQueue("out");
  await using hopper = await connect(broker.url);
  const at = new Date(0), sum = new Uint8Array([0, 255]);

  await hopper.send("out", "x", {
    headers: { at, sum, buffer: Buffer.from(sum), big: 2n ** 53n + 1n, "!": { "!": [at] } },
  });

  assert.deepEqual(typesIn(await wire.next("out")), {
    at: typed("T", at),
    sum: typed("x", sum),
    buffer: typed("x", sum),
    big: typed("l", Number(2n ** 53n + 1n)),
    "!": typed("F", { "!": typed("A", [typed("T", at)]) }),
  });
});

test("A replayed message keeps the bytes of its headers", async (broker, wire) => {
  const functions = {
    f: `export default queue("q", { retry: false }, (_, { message: { headers }, log }) => {
      log("run", { replays: headers["x-hopper-replays"] ?? 0 });
      throw new Error("No");
    });`,
  };
  await using app = await runApp({ functions, broker });
  await wire.send("q", "x", { messageId: "m1", headers: odd });
  await app.event("dead-lettered");

  assert.equal(await replay(broker.url, "q"), 1);
  await app.events("dead-lettered", 2);

  assert.deepEqual(app.seen("log").map(({ data }) => data), [{ replays: 0 }, { replays: 1 }]);
  const dead = await wire.next("q.dead");
  assertHolds(dead, odd);
  assert.equal(dead.properties.messageId, "m1");
});

test("A replayed message still says which headers it lost before", async (broker, wire) => {
  await broker.channel.assertQueue("q.dead");
  const functions = {
    f: `export default queue("q", (_, { message: { headers }, log }) => log("run", { ...headers }));`,
  };
  await using app = await runApp({ functions, broker });
  await wire.send("q.dead", "x", {
    headers: {
      "x-hopper-error": "Error: No",
      "x-hopper-dropped": "headers: too long",
      "x-hopper-attempts": 1,
    },
  });

  assert.equal(await replay(broker.url, "q"), 1);

  assert.deepEqual((await app.event("log")).data, {
    "x-hopper-dropped": "headers: too long",
    "x-hopper-replays": 1,
  });
});

async function replay(url: string, queue: string): Promise<number> {
  await using inspection = await inspect(url, { name: "test" });
  const { channel, publisher } = inspection;
  const all = { max: 100 };
  return (await replayDeadLetters(channel, publisher, `${queue}.dead`, all, new AbortController().signal)).ids
    .length;
}
