/** Hopper's helper queues that were declared with other arguments: messages for them are settled all the same. */

import assert from "node:assert/strict";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const differs =
  "Queue 'q.retry.20' exists with other settings: 'x-message-ttl' is 9000 at the broker and 20 here. " +
  "Delete it when nothing needs it any more, and Hopper declares it again, or give 'retry' another delay; Hopper never deletes it";

/** What Hopper would declare, except for one argument. */
const otherwise = {
  arguments: {
    "x-message-ttl": 9000,
    "x-expires": 3_600_020,
    "x-dead-letter-exchange": "",
    "x-dead-letter-routing-key": "q",
  },
};

testOnBroker(
  "If the retry queue is declared with other settings, the message is dead-lettered at once with that reason",
  async ({ broker }) => {
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
  },
);

testOnBroker(
  "If there are no dead letters either, the message stays until the retry queue is deleted, and is then retried",
  async ({ broker }) => {
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
  },
);

testOnBroker(
  "A retry queue that is exclusive to another connection counts as declared with other settings",
  async ({ broker }) => {
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
  },
);

testOnBroker(
  "A queue of suspects that is declared with other settings is reported as the reason why its consumer waits",
  async ({ broker }) => {
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
  },
);
