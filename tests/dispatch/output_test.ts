import assert from "node:assert/strict";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

testOnBroker(
  "With 'publish' a handler's result goes to the given exchange or queue before its message is acknowledged",
  async ({ broker }) => {
    await broker.channel.assertExchange("events", "topic");
    await broker.channel.assertQueue("seen");
    await broker.channel.bindQueue("seen", "events", "order.*");
    await broker.channel.assertQueue("next");
    await using app = await runApp({
      functions: {
        exchange:
          `export default queue("a", { publish: { exchange: "events", routingKey: "order.new" } }, (n: number) => ({ n }));`,
        queue:
          `export default queue("b", { durable: false, concurrency: 1, publish: { queue: "next" } }, (text) =>
        text === "nothing" ? undefined : text === "bytes" ? new Uint8Array([1, 2]) : text);`,
      },
      broker,
    });

    await broker.send("a", "7");
    for (const text of ["nothing", "bytes", "text"]) await broker.send("b", text);
    await app.events("handled", 4);

    const event = await broker.next("seen");
    assert.equal(`${event.content}`, '{"n":7}');
    assert.equal(event.fields.routingKey, "order.new");
    assert.equal(event.properties.contentType, "application/json");
    assert.equal(event.properties.deliveryMode, 2, "as durable as the function");
    const [bytes, text] = await broker.take("next", 2);
    assert.deepEqual([...bytes!.content], [1, 2]);
    assert.equal(bytes!.properties.deliveryMode, 1);
    assert.equal(`${text!.content}`, "text");
  },
);

testOnBroker(
  "With 'publish' a result that reaches no queue fails the run, and the message is dead-lettered",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        queue: `export default queue("a", { retry: false, publish: { queue: "nowhere" } }, (text) => text);`,
        exchange:
          `export default queue("b", { retry: false, publish: { exchange: "no.such" } }, (text) => text);`,
        body: `export default queue("c", { retry: false, publish: { queue: "a" } }, () => 7n);`,
      },
      broker,
    });

    for (const queue of ["a", "b", "c"]) await broker.send(queue, "x");
    await app.events("dead-lettered", 3);
    const why = async (queue: string) => (await broker.next(queue)).properties.headers!["x-hopper-error"];

    assert.match(await why("a.dead"), /^Unroutable: No queue 'nowhere'/);
    assert.match(await why("b.dead"), /^NoSuchExchange: No exchange 'no.such'/);
    assert.match(
      await why("c.dead"),
      /^ArgumentError: result is a bigint, which JSON cannot hold: write String/,
    );
    await broker.send("a", "again");
    await app.events("dead-lettered", 4);
  },
);

testOnBroker(
  "A message that does not match its schema is dead-lettered at once with the issues",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        order: `import { z } from "npm:zod@4.6.7";
      const input = z.object({ items: z.array(z.string()).min(1), note: z.string().default("none") });
      const output = z.object({ total: z.number() });
      export default queue("orders", { input, output, retry: false }, ({ items, note }, { log }) => {
        log(\`\${items.length} \${note}\`);
        return { total: items[0] === "bad" ? "much" as unknown as number : items.length };
      });`,
        broken:
          `const input = { "~standard": { version: 1 as const, vendor: "x", validate: () => { throw new Error("Schema fails"); } } };
      export default queue("broken", { input, retry: false }, () => {});`,
      },
      broker,
    });

    await broker.send("orders", '{ "items": ["a", "b"] }');
    await broker.send("orders", '{ "items": [] }');
    await broker.send("orders", '{ "items": ["bad"] }');
    await broker.send("broken", "x");
    await app.events("dead-lettered", 3);
    const errors = (await broker.take("orders.dead", 2)).map(({ properties }) =>
      properties.headers!["x-hopper-error"]
    );

    assert.deepEqual(app.said("order"), ["2 none", "1 none"]);
    assert.match(errors[0], /^Reject: The input does not match its schema: items: /);
    assert.match(errors[1], /The handler's output does not match its schema: total: /);
    assert.equal(
      (await broker.next("broken.dead")).properties.headers!["x-hopper-error"],
      "Error: Schema fails",
    );
  },
);
