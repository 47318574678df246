/** Queues of Hopper's own that somebody declared otherwise: what they would have kept comes to an end all the same. */

import assert from "node:assert/strict";
import { type Broker, connectBroker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";

const rabbitmq = await rabbitmqForTests();
const test = (name: string, run: (broker: Broker) => Promise<void>) =>
  Deno.test(name, { ignore: !rabbitmq }, async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using broker = await connectBroker(vhost.url);
    await run(broker);
  });

const differs =
  "Queue 'q.retry.20' exists with other settings: 'x-message-ttl' is 9000 at the broker and 20 here. " +
  "Delete it when nothing needs it any more, and Hopper declares it again, or give 'retry' another delay; Hopper never deletes it";

/** What Hopper would declare, but for one argument. */
const otherwise = {
  arguments: {
    "x-message-ttl": 9000,
    "x-expires": 3_600_020,
    "x-dead-letter-exchange": "",
    "x-dead-letter-routing-key": "q",
  },
};

test("A retry queue declared otherwise: the message is dead-lettered at once, and says why", async (broker) => {
  await broker.channel.assertQueue("q.retry.20", otherwise);
  await using app = await runApp({
    functions: {
      f: `export default queue("q", { retry: { delay: 20 } }, () => { throw new Error("No"); });`,
    },
    broker,
  });

  await broker.send("q", "a", { messageId: "m1" });
  const { error } = await app.event("dead-lettered", { messageId: "m1" });

  assert.equal(error, `Error: No (not run again: ${differs})`);
  const { content, properties } = await broker.next("q.dead");
  assert.equal(`${content}`, "a");
  assert.equal(properties.headers!["x-hopper-error"], error);
  assert.equal(properties.headers!["x-hopper-attempts"], 1);
  assert.equal(await broker.waiting("q.retry.20"), 0);
  assert.deepEqual(app.seen("notice").map(({ message }) => message), [`f: ${differs}`]);
});

test("Where nothing is dead-lettered it stays, and is tried again once the queue is deleted", async (broker) => {
  await broker.channel.assertQueue("q.retry.20", otherwise);
  await using app = await runApp({
    functions: {
      f: `export default queue("q", { retry: { delay: 20 }, deadLetter: false }, (_, { attempt }) => {
        if (attempt === 1) throw new Error("No");
      });`,
    },
    broker,
  });

  await broker.send("q", "a");
  const { message } = await app.event("notice");
  await broker.channel.deleteQueue("q.retry.20");

  assert.equal((await app.event("handled")).attempt, 2);
  assert.equal(message, `f: a message waits to be moved to q.retry.20: HelperRefused: ${differs}`);
  assert.deepEqual(app.seen("dropped"), []);
});

test("A retry queue that is another connection's alone is one declared otherwise", async (broker) => {
  await broker.channel.assertQueue("q.retry.20", { exclusive: true });
  await using app = await runApp({
    functions: {
      f: `export default queue("q", { retry: { delay: 20 } }, () => { throw new Error("No"); });`,
    },
    broker,
  });

  await broker.send("q", "a");
  const { error } = await app.event("dead-lettered");

  assert.match(
    error,
    /^Error: No \(not run again: Queue 'q\.retry\.20' belongs to another connection \(exclusive\)/,
  );
});

test("A queue of suspects declared otherwise says so where its consumer waits", async (broker) => {
  await broker.channel.assertQueue("q.suspects", { durable: false });
  await using app = await runApp({
    functions: { f: `export default queue("q", () => {});` },
    broker,
    config: { defaults: { isolate: "inline" } },
  });

  const { error, retryMs } = await app.event("detached");

  assert.equal(
    error,
    "Queue 'q.suspects' exists with other settings: 'durable' is false at the broker and true here. " +
      "Delete it when nothing needs it any more, and Hopper declares it again; Hopper never deletes it",
  );
  assert.equal(retryMs, 30_000);
});
