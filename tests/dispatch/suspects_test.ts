/** Messages that were in flight when a process ended: a crash is counted only for those that were running. */

import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { startHopper } from "../support/hopper.ts";
import type { Vhost } from "../support/rabbitmq.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

// Inline, because a process of its own would end alone. One more crash would be too many.
const config = { defaults: { isolate: "inline", retry: { attempts: 2 } } } as const;
const suspect = { "x-hopper-crashes": 1, "x-hopper-attempts": 0, "x-hopper-suspect": "12345678" };

/** A message in the queue of suspects that was delivered to a runtime that is gone. */
async function onItsWay(vhost: Vhost): Promise<void> {
  await using broker = await connectBroker(vhost.url);
  await broker.channel.assertQueue("q.suspects");
  await broker.send("q.suspects", "innocent", { headers: suspect, persistent: true });
  const { promise: delivered, resolve } = Promise.withResolvers<unknown>();
  await broker.channel.consume("q.suspects", resolve);
  await delivered;
}

testOnBroker(
  "A suspect that was not running when its process ended is run, and no crash is counted",
  async ({ vhost }) => {
    await onItsWay(vhost);
    await using app = await runApp({
      functions: { f: `export default queue("q", (text, { log }) => log(text));` },
      broker: vhost.url,
      config,
    });
    await app.event("handled");

    assert.deepEqual(app.said("f"), ["innocent"]);
    assert.deepEqual(app.seen("dead-lettered"), []);
  },
);

testOnBroker(
  "When a process ends, a crash is counted for a suspect that was running, and not for one that waited",
  async ({ vhost }) => {
    await onItsWay(vhost);
    await using broker = await connectBroker(vhost.url);
    const start = () =>
      startHopper({
        functions: {
          f: `import { queue } from "hopper";
          export default queue("q", async (text, { log }) => { log(text); await new Promise(() => {}); });`,
        },
        broker: vhost.url,
        config: `export default ${JSON.stringify(config)};`,
      });

    await broker.channel.assertQueue("q");
    await broker.send("q", "endless", { persistent: true });
    {
      await using waits = await start();
      await waits.said("f", "endless");
      await soon("delivered", async () => await broker.waiting("q.suspects") === 0);
      waits.signal("SIGKILL");
      await waits.exit();
      assert.equal(waits.hasSaid("f", "innocent"), false);
    }
    {
      await using runs = await start();
      await runs.said("f", "innocent");
      runs.signal("SIGKILL");
      await runs.exit();
      assert.deepEqual(runs.logged("dead-lettered"), []);
    }
    await using last = await start();
    const { error } = await last.event("dead-lettered");
    assert.match(`${error}`, /^Poison: 2 processes ended while they ran this message$/);
    assert.equal(`${(await broker.next("q.dead")).content}`, "innocent");
  },
);

testOnBroker("The marker of a running suspect is deleted when its run ends", async ({ vhost }) => {
  await onItsWay(vhost);
  await using broker = await connectBroker(vhost.url);
  const app = await runApp({
    functions: { f: `export default queue("q", async (text, { log }) => { log(text); await released(); });` },
    broker,
    config,
  });
  await app.event("log");
  const mark = "q.suspects.12345678";
  assert.equal(await hasQueue(vhost, mark), true);
  await app.release();
  await app.event("handled");
  await app[Symbol.asyncDispose]();

  assert.equal(await hasQueue(vhost, mark), false);
});

/** Asks until it is true, because nothing reports what only the broker knows. */
async function soon(what: string, holds: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + 10_000;
  while (!await holds()) assert.ok(Date.now() < until, `It is not ${what}`);
}

/** Whether the queue exists. Uses its own connection, because a missing queue closes the channel. */
async function hasQueue(vhost: Vhost, name: string): Promise<boolean> {
  await using broker = await connectBroker(vhost.url);
  broker.channel.on("error", () => {});
  return await broker.channel.checkQueue(name).then(() => true, () => false);
}
