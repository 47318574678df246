import assert from "node:assert/strict";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const refuse = { f: `export default queue("q", () => { throw new Reject("No" + ".".repeat(500)); });` };

testOnBroker(
  "A dead letter goes only to its queue, whatever queues its CC and BCC headers name",
  async ({ broker }) => {
    await broker.channel.assertQueue("elsewhere");
    await using app = await runApp({ functions: refuse, broker });

    await broker.send("q", "x", { headers: { CC: ["elsewhere"], other: 1 } });
    await app.event("dead-lettered");

    assert.equal(await broker.waiting("elsewhere"), 1, "the sender's own copy");
    const dead = await broker.next("q.dead");
    assert.equal(dead.properties.headers!.CC, undefined);
    assert.equal(dead.properties.headers!.other, 1);
  },
);

testOnBroker(
  "Headers named '__proto__', 'constructor' and 'toString' are ordinary headers",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", (_, { message: { headers }, log }) => {
        log("seen", {
          polluted: String(({} as Record<string, unknown>).polluted),
          inherited: String(headers.polluted),
          prototype: String(Object.getPrototypeOf(headers)),
          own: Object.keys(headers),
        });
        throw new Reject("No");
      });`,
      },
      broker,
    });
    const headers = JSON.parse(
      '{ "__proto__": { "polluted": 1 }, "constructor": { "prototype": { "polluted": 1 } }, "toString": 1 }',
    );

    await broker.send("q", "x", { headers });
    await app.event("dead-lettered");

    assert.deepEqual(app.seen("log")[0]!.data, {
      polluted: "undefined",
      inherited: "undefined",
      prototype: "null",
      own: ["__proto__", "constructor", "toString"],
    });
    assert.equal((await broker.next("q.dead")).properties.headers!.toString, 1);
  },
);

testOnBroker(
  "A header that amqplib can read but not write is dead-lettered unchanged",
  async ({ broker }) => {
    await using app = await runApp({ functions: refuse, broker });
    // amqplib reads a table's own key "!" as the name of a type, but sends an inherited one as it is.
    const headers = { table: Object.create({ "!": "no type" }) };

    await broker.send("q", "body", { headers });
    await app.event("dead-lettered");

    const dead = await broker.next("q.dead");
    assert.equal(`${dead.content}`, "body");
    assert.deepEqual(dead.properties.headers!.table, { "!": "no type" });
    assert.match(dead.properties.headers!["x-hopper-error"], /^Reject: No/);
  },
);

testOnBroker(
  "Headers that begin with x-hopper are not trusted when a sender set them",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", (_, { attempt, log }) => { log(String(attempt)); throw new Reject("No"); });`,
      },
      broker,
    });

    await broker.send("q", "x", {
      headers: {
        "x-hopper-attempts": 99,
        "x-hopper-error": "forged",
        "x-hopper-source": 7,
        "x-hopper-timeout": 1,
        "x-delivery-count": 40,
        "x-death": [{ count: 3 }],
      },
    });
    await app.event("dead-lettered");

    assert.deepEqual(app.said("f"), ["1"]);
    const { headers } = (await broker.next("q.dead")).properties;
    assert.equal(headers!["x-hopper-attempts"], 1);
    assert.equal(headers!["x-hopper-error"], "Reject: No");
    assert.equal(headers!["x-hopper-source"], ":q");
  },
);

testOnBroker(
  "A request with an invalid deadline or reply address harms only its sender",
  async ({ broker }) => {
    await using app = await runApp({
      functions: { f: `export default rpc("f", (text, { log }) => { log(\`\${text}\`); return text; });` },
      broker,
    });

    for (const deadline of ["soon", "", true, null, [], {}, -(2 ** 60), 2 ** 60]) {
      await broker.send("f", `${deadline}`, { headers: { "x-hopper-timeout": deadline } });
    }
    for (
      const replyTo of [
        "",
        "no such queue",
        "amq.rabbitmq.reply-to.",
        "amq.rabbitmq.reply-to.forged",
        "amq.gen-x",
        "f",
      ]
    ) {
      await broker.send("f", `to ${replyTo}`, { replyTo, correlationId: "x".repeat(255) });
    }
    await broker.channel.assertQueue("replies");
    await broker.send("f", "last", { replyTo: "replies" });

    assert.equal(`${(await broker.next("replies")).content}`, '"last"');
    // One for each request, and one for the reply that was sent to the function itself.
    await app.events("log", 7 + 6 + 1 + 1);
    assert.equal(app.seen("expired").length, 1);
    assert.equal(app.seen("disconnected").length, 0);
  },
);

testOnBroker(
  "Of a thousand malformed messages none is lost, and the next good one is handled",
  async ({ broker, vhost }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", (input, { log }) => {
        if (input === "good") return log("good");
        return JSON.stringify(input).length;
      });`,
      },
      broker,
    });
    const types = [
      undefined,
      "",
      ";",
      "application/json",
      "text/plain; charset=utf-7",
      "application/x+json",
      "ä/ö",
      "x",
    ];
    const odd = Array.from({ length: 1000 }, (_, i) => {
      const body = crypto.getRandomValues(new Uint8Array(i % 64));
      return broker.send("q", body, {
        contentType: types[i % types.length],
        messageId: i % 3 ? "same" : "",
        type: "\u0000",
        timestamp: i % 2 ? 2 ** 52 : 0,
      });
    });
    await Promise.all(odd);
    await broker.send("q", "good");
    await app.event("log", { message: "good" });
    await app.app.stop();

    const dead = await vhost.inspect("queues", "q.dead") ? await broker.waiting("q.dead") : 0;
    // Of two messages with one id at the same time, one is a duplicate.
    assert.equal(app.seen("handled").length + app.seen("duplicate").length + dead, 1001);
    assert.equal(await broker.waiting("q"), 0);
    assert.equal(app.seen("disconnected").length, 0);
  },
);
