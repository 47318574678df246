import assert from "node:assert/strict";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const show = `(input, { log }) =>
  log("seen", { input: input instanceof Uint8Array ? { bytes: [...input] } : input === undefined ? "undefined" : input })`;

testOnBroker(
  "A body is decoded by its content type, or without one as what it looks like",
  async ({ broker }) => {
    await using app = await runApp({
      functions: { f: `export default queue("q", { concurrency: 1 }, ${show});` },
      broker,
    });
    const notUtf8 = new Uint8Array([0x66, 0xff, 0xfe]);
    const cases: [body: string | Uint8Array, contentType: string | undefined, input: unknown][] = [
      ['{"a":1}', "application/json", { a: 1 }],
      ['{"a":1}', "application/cloudevents+json; charset=utf-8", { a: 1 }],
      ['{"a":1}', "text/plain", '{"a":1}'],
      ['{"a":1}', undefined, { a: 1 }],
      ["{oops", undefined, "{oops"],
      ["ä€😀", undefined, "ä€😀"],
      ["30", undefined, 30],
      ["", undefined, ""],
      ["", "text/plain", ""],
      [notUtf8, undefined, { bytes: [0x66, 0xff, 0xfe] }],
      ["ab", "application/octet-stream", { bytes: [97, 98] }],
      ["ab", "image/png", { bytes: [97, 98] }],
      ["null", "application/json", null],
    ];

    for (const [body, contentType] of cases) await broker.send("q", body, { contentType });
    await app.events("handled", cases.length);

    assert.deepEqual(app.seen("log").map(({ data }) => data!.input), cases.map(([, , input]) => input));
  },
);

testOnBroker("A codec overrides the content type", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      json: `export default queue("json", { codec: "json" }, ${show});`,
      text: `export default queue("text", { codec: "text" }, ${show});`,
      bytes: `export default queue("bytes", { codec: "bytes" }, ${show});`,
    },
    broker,
  });

  for (const queue of ["json", "text", "bytes"]) {
    await broker.send(queue, "[1]", { contentType: "image/png" });
  }
  await app.events("handled", 3);
  const input = (name: string) => app.seen("log", { function: name })[0]!.data!.input;

  assert.deepEqual(input("json"), [1]);
  assert.equal(input("text"), "[1]");
  assert.deepEqual(input("bytes"), { bytes: [91, 49, 93] });
});

testOnBroker(
  "A body that cannot be decoded is dead-lettered unchanged, and the next message is handled",
  async ({ broker }) => {
    await using app = await runApp({ functions: { f: `export default queue("q", ${show});` }, broker });
    const cases: [body: string | Uint8Array, contentType: string, error: RegExp][] = [
      ["{oops", "application/json", /^Reject: The body is not JSON: /],
      ["", "application/json", /^Reject: The body is not JSON: /],
      [new Uint8Array([0xff]), "application/json", /^Reject: The body is not UTF-8 text$/],
      [new Uint8Array([0x61, 0xc3]), "text/plain", /^Reject: The body is not UTF-8 text$/],
      ["[".repeat(100_000), "application/json", /^Reject: The body is JSON nested deeper than 1000$/],
    ];

    for (const [body, contentType] of cases) await broker.send("q", body, { contentType });
    await broker.send("q", "good");
    await app.event("handled");
    await app.events("dead-lettered", cases.length);

    const dead = await broker.take("q.dead", cases.length);
    for (const [body, contentType, error] of cases) {
      const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
      const found = dead.find(({ content, properties }) =>
        properties.contentType === contentType && bytes.length === content.length &&
        bytes.every((b, i) => b === content[i])
      );
      assert.match(found?.properties.headers?.["x-hopper-error"], error);
    }
  },
);

testOnBroker("A body of 16 MiB is handled, and dead-lettered unchanged", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      f: `export default queue("q", (input: string | Uint8Array, { log }) => {
        log(\`\${typeof input} \${input.length}\`);
        if (typeof input === "string") throw new Reject("Too much to read");
      });`,
    },
    broker,
  });
  const size = 16 * 1024 * 1024;
  const bytes = new Uint8Array(size).fill(0xff);
  const text = new Uint8Array(size).fill(0x20);
  text[size - 1] = 0x61;

  await broker.send("q", bytes);
  await broker.send("q", text);
  await app.event("handled");
  await app.event("dead-lettered");

  assert.deepEqual(app.said("f").toSorted(), [`object ${size}`, `string ${size}`]);
  assert.equal((await broker.next("q.dead")).content.length, size);
});

testOnBroker(
  "An rpc receives and returns text, bytes, an empty body and 16 MiB",
  async ({ broker }) => {
    await broker.channel.assertQueue("replies");
    await using _app = await runApp({
      functions: {
        echo: `export default rpc("echo", (input) => input);`,
        text: `export default rpc("text", { codec: "text" }, (input) => input);`,
        nothing: `export default rpc("nothing", () => {});`,
      },
      broker,
    });
    const reply = async (name: string, body: string | Uint8Array, contentType?: string) => {
      await broker.send(name, body, { contentType, replyTo: "replies" });
      const { content, properties } = await broker.next("replies");
      return {
        body: content.length > 1000 ? content.length : `${content}`,
        contentType: properties.contentType,
      };
    };
    const size = 16 * 1024 * 1024;

    assert.deepEqual(await reply("echo", "[1, 2]"), { body: "[1,2]", contentType: "application/json" });
    assert.deepEqual(await reply("echo", "some text"), {
      body: '"some text"',
      contentType: "application/json",
    });
    assert.deepEqual(await reply("echo", ""), { body: '""', contentType: "application/json" });
    assert.deepEqual(await reply("echo", "a", "image/png"), {
      body: "a",
      contentType: "application/octet-stream",
    });
    assert.deepEqual(await reply("echo", new Uint8Array(size).fill(0xff)), {
      body: size,
      contentType: "application/octet-stream",
    });
    assert.deepEqual(await reply("text", "[1, 2]"), {
      body: "[1, 2]",
      contentType: "text/plain; charset=utf-8",
    });
    assert.deepEqual(await reply("nothing", "x"), { body: "null", contentType: "application/json" });
    assert.match(`${(await reply("echo", "{oops", "application/json")).body}`, /"code":"BAD_REQUEST"/);
    assert.match(
      `${(await reply("echo", new Uint8Array([0xff]), "text/plain")).body}`,
      /"code":"BAD_REQUEST"/,
    );
  },
);
