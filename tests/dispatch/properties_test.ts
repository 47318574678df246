/** The properties that a handler gets and sends, and what a handler may do to its input. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { runApp } from "../support/app.ts";
import { given, show, shown } from "../support/every_property.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

for (const isolate of ["process", "inline"] as const) {
  const config = { functions: { f: { isolate } } };

  testOnBroker(
    `A handler sees every property that the sender set (${isolate})`,
    async ({ broker }) => {
      await using app = await runApp({
        functions: {
          f: `const show = ${show};
        export default queue("q", { concurrency: 1 }, (_, { message, log }) => log("seen", show({ ...message })));`,
        },
        config,
        broker,
      });

      await broker.send("q", "hello", given);
      await broker.send("q", "hello", { messageId: "m2", persistent: false });
      await broker.send("q", "hello", { messageId: "m3", headers: {} });
      await app.events("handled", 3);

      const [all, few] = app.seen("log").map(({ data }) => data);
      assert.deepEqual(all, shown);
      assert.deepEqual(few, { id: "m2", deliveryMode: 1 });
    },
  );

  testOnBroker(`The options of send() and publish() set every property (${isolate})`, async ({ broker }) => {
    await broker.channel.assertQueue("out", { maxPriority: 5 });
    await broker.channel.bindQueue("out", "amq.direct", "key");
    const options = `{ type: "greeting", appId: "shop", userId: "guest", replyTo: "answers", priority: 3,
      contentEncoding: "utf-8", messageId: "m1", correlationId: "c1", expiration: "1m", persistent: false }`;
    await using app = await runApp({
      functions: {
        f: `export default queue("q", async (_, { send, publish }) => {
          await send("out", "hello", ${options});
          await publish("amq.direct", "key", "hello", ${options});
        });`,
      },
      config,
      broker,
    });

    await broker.send("q", "");
    await app.event("handled");

    for (const { properties } of await broker.take("out", 2)) {
      const { type, appId, userId, replyTo, contentEncoding, priority, messageId, expiration } = properties;
      assert.deepEqual({ type, appId, userId, replyTo, contentEncoding, priority, messageId, expiration }, {
        type: "greeting",
        appId: "shop",
        userId: "guest",
        replyTo: "answers",
        contentEncoding: "utf-8",
        priority: 3,
        messageId: "m1",
        expiration: "60000",
      });
      assert.equal(properties.deliveryMode, 1);
    }
  });

  testOnBroker(
    `An unknown option, or one with a wrong value, is an error that says what is allowed (${isolate})`,
    async ({ broker }) => {
      await broker.channel.assertQueue("out");
      await using app = await runApp({
        functions: {
          f: `export default queue("q", async (_, { send, publish, call, log }: Context) => {
          const attempts: (() => Promise<unknown>)[] = [
            () => send("out", 1, { tpye: "x" } as never),
            () => publish("", "out", 1, { routingKey: "x" } as never),
            () => call("f", 1, { timout: 1 } as never),
            () => send("out", 1, { priority: 256 }),
            () => send("out", 1, { mandatory: "no" as never }),
            () => send("out", 1, { type: 5 as never }),
            () => send("out", 1, { replyTo: "amq.rabbitmq.reply-to" }),
            () => send("out", 1, { appId: "x".repeat(256) }),
          ];
          for (const attempt of attempts) {
            log(await attempt().then(() => "sent", ({ name, message }) => \`\${name}: \${message}\`));
          }
        });`,
        },
        config,
        broker,
      });

      await broker.send("q", "");
      await app.event("handled");

      const said = app.said("f");
      const expected = [
        /^ArgumentError: Unknown option 'tpye'; did you mean 'type'\?; send and publish take headers, .*, mandatory, delay, at, cancel$/,
        /^ArgumentError: Unknown option 'routingKey'; send and publish take headers, /,
        /^ArgumentError: Unknown option 'timout'; did you mean 'timeout'\?; call takes timeout, headers, contentType, signal$/,
        /^ArgumentError: Option 'priority' is 256; expected a whole number from 0 to 255$/,
        /^ArgumentError: Option 'mandatory' is "no"; expected true or false$/,
        /^ArgumentError: The type is a number; expected a string$/,
        /^ArgumentError: Option 'replyTo' is 'amq\.rabbitmq\.reply-to', which is for calls: use call, or name a queue$/,
        /^ArgumentError: The app id is 256 bytes long; AMQP carries at most 255$/,
      ];
      assert.equal(said.length, expected.length);
      expected.forEach((pattern, i) => assert.match(said[i]!, pattern));
      assert.equal(await broker.waiting("out"), 0);
    },
  );

  testOnBroker(
    `With 'mandatory: false' a message may reach no queue, whether its exchange exists or not (${isolate})`,
    async ({ broker }) => {
      await using app = await runApp({
        functions: {
          f: `export default queue("q", async (_, { send, publish, log }: Context) => {
          const say = (sending: Promise<void>) => sending.then(() => log("sent"), ({ name }) => log(name));
          await say(publish("amq.topic", "nobody", 1, { mandatory: false }));
          await say(send("nowhere", 1, { mandatory: false }));
          await say(publish("amq.topic", "nobody", 1));
          await say(publish("amq.topic", "nobody", 1, { mandatory: true }));
          await say(publish("no.such", "nobody", 1, { mandatory: false }));
        });`,
        },
        config,
        broker,
      });

      await broker.send("q", "");
      await app.event("handled");

      assert.deepEqual(app.said("f"), ["sent", "sent", "Unroutable", "Unroutable", "sent"]);
    },
  );

  testOnBroker(
    `A user id that the broker refuses is an error for its sender, and affects no other message (${isolate})`,
    async ({ broker }) => {
      await broker.channel.assertQueue("out");
      await using app = await runApp({
        functions: {
          f: `export default queue("q", async (_, { send, log }: Context) => {
          const sendings = Array.from({ length: 20 }, (_, i) =>
            send("out", i, { userId: i % 5 === 0 ? "somebody" : "guest" }));
          for (const { reason } of await Promise.allSettled(sendings) as { reason?: Error }[]) {
            log(String(reason ?? "sent"));
          }
        });`,
        },
        config,
        broker,
      });

      await broker.send("q", "");
      await app.event("handled");

      app.said("f").forEach((said, i) => {
        if (i % 5 > 0) assert.equal(said, "sent");
        else {assert.match(
            said,
            /^PublishFailed: .*user_id property set to 'somebody' but authenticated user was 'guest'/,
          );}
      });
      assert.equal(await broker.waiting("out"), 16, "each was sent, and none twice");
      assert.deepEqual(app.seen("disconnected"), []);
    },
  );

  testOnBroker(
    `A handler that changes its input does not change later runs or the dead letter (${isolate})`,
    async ({ broker }) => {
      const spoil = `(input: Uint8Array | { a: number[] }, { message, log }: Context) => {
      const seen = (value: unknown) => value instanceof Uint8Array ? [...value] : value;
      const { body, headers, timestamp } = message;
      log("seen", { input: seen(input), body: [...body], headers: { ...headers, raw: seen(headers.raw) }, timestamp });
      if (input instanceof Uint8Array) {
        input.fill(0);
        structuredClone(input.buffer, { transfer: [input.buffer as ArrayBuffer] });
      } else input.a.push(9);
      body.fill(0);
      const all = headers as Record<string, any>;
      all.list.push("more");
      all.table.deep = "spoilt";
      all.raw.fill(0);
      all.added = true;
      delete all.tenant;
      timestamp!.setTime(0);
      throw new Error("Spoilt");
    }`;
      await using app = await runApp({
        functions: {
          f: `export default queue("q", { concurrency: 1, retry: { attempts: 3, delay: 5, jitter: 0 } }, ${spoil});`,
        },
        config,
        broker,
      });
      const headers = { tenant: "acme", list: ["one"], table: { deep: "value" }, raw: Buffer.of(1, 255) };
      const bytes = Uint8Array.of(1, 2, 254, 255);

      await broker.send("q", bytes, {
        headers,
        timestamp: 1_700_000_000,
        contentType: "application/octet-stream",
      });
      await app.events("dead-lettered", 1);
      await broker.send("q", '{"a":[1]}', { headers, timestamp: 1_700_000_000 });
      await app.events("dead-lettered", 2);

      const seen = app.seen("log").map(({ data }) => data);
      const shownHeaders = { ...headers, raw: [1, 255] };
      const timestamp = "2023-11-14T22:13:20.000Z";
      const body = [...new TextEncoder().encode('{"a":[1]}')];
      assert.deepEqual(seen, [
        ...Array(3).fill({ input: [...bytes], body: [...bytes], headers: shownHeaders, timestamp }),
        ...Array(3).fill({ input: { a: [1] }, body, headers: shownHeaders, timestamp }),
      ]);
      const [first, second] = await broker.take("q.dead", 2);
      assert.deepEqual([...first!.content], [...bytes]);
      assert.equal(`${second!.content}`, '{"a":[1]}');
      for (const { properties } of [first!, second!]) {
        const { tenant, list, table, raw, added } = properties.headers!;
        assert.deepEqual({ tenant, list, table, raw: [...raw], added }, {
          ...shownHeaders,
          added: undefined,
        });
        assert.equal(properties.timestamp, 1_700_000_000);
      }
      assert.deepEqual(app.seen("host-ended"), []);
    },
  );
}
