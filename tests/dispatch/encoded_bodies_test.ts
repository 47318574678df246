/** Bodies that are compressed, or text in another charset than UTF-8. */

import assert from "node:assert/strict";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { connect, HopperError } from "../../runtime/client/mod.ts";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const order = '{"item":"Füller"}';
const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const json = "application/json";

const bodies: [what: string, body: string | Uint8Array, options: object, input: unknown][] = [
  ["gzip", gzipSync(order), { contentType: json, contentEncoding: "gzip" }, { item: "Füller" }],
  ["deflate", deflateSync(order), { contentType: json, contentEncoding: "deflate" }, { item: "Füller" }],
  ["br", brotliCompressSync(order), { contentType: json, contentEncoding: "br" }, { item: "Füller" }],
  ["gzip, br", brotliCompressSync(gzipSync(order)), { contentEncoding: "gzip, br" }, { item: "Füller" }],
  ["gzip of bytes", gzipSync(Uint8Array.of(0, 255)), {
    contentType: "image/png",
    contentEncoding: "gzip",
  }, [0, 255]],
  ["latin-1", latin1("Füller"), { contentType: "text/plain; charset=latin-1" }, "Füller"],
  [
    "latin-1 as Celery says it",
    latin1("Füller"),
    { contentType: "text/plain", contentEncoding: "latin-1" },
    "Füller",
  ],
  ["+json", order, { contentType: "application/vnd.shop.order+json; v=1" }, { item: "Füller" }],
  ["a long number", "1234567890123456789", {}, "1234567890123456789"],
  [
    "a long number in JSON that nobody calls so",
    '{"id":1234567890123456789}',
    {},
    '{"id":1234567890123456789}',
  ],
];

for (const isolate of ["process", "inline"] as const) {
  testOnBroker(
    `A body is decoded by its content encoding, charset and content type (${isolate})`,
    async ({ broker }) => {
      await using app = await runApp({
        functions: {
          f: `export default queue("q", { concurrency: 1 }, (input, { message, log }: Context) =>
          log("seen", { input: input instanceof Uint8Array ? [...input] : input, bytes: message.body.length }));`,
        },
        config: { functions: { f: { isolate } } },
        broker,
      });

      for (const [, body, options] of bodies) await broker.send("q", body, options);
      await app.events("handled", bodies.length);

      const seen = app.seen("log").map(({ data }) => data!);
      bodies.forEach(([what, body, , input], i) => {
        const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
        assert.deepEqual(seen[i], { input, bytes: bytes.length }, what);
      });
    },
  );

  testOnBroker(
    `A compressed body is unchanged when it is retried and dead-lettered (${isolate})`,
    async ({ broker }) => {
      await using app = await runApp({
        functions: {
          f: `export default queue("q", { retry: { attempts: 2, delay: 5, jitter: 0 } }, (input, { log }: Context) => {
          log("seen", { input });
          throw new Error("No");
        });`,
        },
        config: { functions: { f: { isolate } } },
        broker,
      });
      const body = gzipSync(order);

      await broker.send("q", body, { contentType: json, contentEncoding: "gzip" });
      await app.event("dead-lettered");

      assert.deepEqual(app.seen("log").map(({ data }) => data!.input), Array(2).fill({ item: "Füller" }));
      const { content, properties } = await broker.next("q.dead");
      assert.deepEqual([...content], [...body]);
      assert.deepEqual([properties.contentType, properties.contentEncoding], [json, "gzip"]);
    },
  );

  testOnBroker(
    `A body with a wrong encoding, or too long when decompressed, is dead-lettered with that reason (${isolate})`,
    async ({ broker }) => {
      await using app = await runApp({
        functions: {
          f: `export default queue("q", { memory: "64MB" }, (_, { log }: Context) => log("runs"));`,
        },
        config: { functions: { f: { isolate } } },
        broker,
      });
      const zeros = new Uint8Array(24 * 2 ** 20);
      const tooLong = (name: string) =>
        `Reject: The body is too long once it is decompressed (${name}): expected at most 16777216 bytes, a quarter of ` +
        "the function's memory (64MB)";
      const cases: [body: Uint8Array, contentEncoding: string, says: string | RegExp][] = [
        [gzipSync(zeros), "gzip", tooLong("gzip")],
        [deflateSync(zeros), "deflate", tooLong("deflate")],
        [brotliCompressSync(zeros), "br", tooLong("br")],
        [gzipSync(gzipSync(zeros)), "gzip, gzip", tooLong("gzip")],
        [
          new TextEncoder().encode(order),
          "gzip",
          /^Reject: The body is not gzip, as its content encoding says: /,
        ],
        [
          brotliCompressSync(order).subarray(0, -3),
          "br",
          /^Reject: The body is not br, as its content encoding says: /,
        ],
      ];

      for (let times = 0; times < 3; times++) {
        for (const [body, contentEncoding] of cases) await broker.send("q", body, { contentEncoding });
      }
      await broker.send("q", gzipSync(zeros.subarray(0, 16 * 2 ** 20)), {
        contentEncoding: "gzip",
        contentType: "x/y",
      });
      await app.event("handled");
      await app.events("dead-lettered", 3 * cases.length);

      assert.deepEqual(app.said("f"), ["runs"]);
      assert.deepEqual(app.seen("host-ended"), []);
      const dead = await broker.take("q.dead", 3 * cases.length);
      for (const [body, , says] of cases) {
        const found = dead.filter(({ content }) => content.equals(body));
        assert.equal(found.length, 3);
        for (const { properties } of found) {
          assert.match(properties.headers!["x-hopper-error"], pattern(says));
        }
      }
    },
  );
}

testOnBroker(
  "A caller gets its reply decompressed, or an error if that is not possible",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("by.hand");
    await using hopper = await connect(vhost.url);
    const answered = async (body: Uint8Array, options: object) => {
      const called = hopper.call("by.hand").catch((error) => error);
      const { properties: { replyTo, correlationId } } = await broker.next("by.hand");
      await broker.send(replyTo, body, { correlationId, ...options });
      return await called;
    };

    assert.deepEqual(await answered(gzipSync(order), { contentType: json, contentEncoding: "gzip" }), {
      item: "Füller",
    });
    assert.equal(await answered(latin1("Füller"), { contentType: "text/plain; charset=latin1" }), "Füller");
    const refused = await answered(gzipSync(order).subarray(0, 20), { contentEncoding: "gzip" });
    assert.ok(refused instanceof HopperError);
    assert.match(refused.message, /^The reply of rpc 'by\.hand' cannot be read: The body is not gzip/);
  },
);

function pattern(says: string | RegExp): RegExp {
  return typeof says === "string" ? new RegExp(`^${says.replaceAll(/[()]/g, "\\$&")}$`) : says;
}
