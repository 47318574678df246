/** A broker that does not confirm what is moved to one of its queues. */

import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { leaveOutRabbitmq, rabbitmqInstalled, startRabbitmq } from "../support/rabbitmq.ts";

if (!rabbitmqInstalled()) leaveOutRabbitmq();

Deno.test(
  "A message whose dead letter is not confirmed waits, says so after ten seconds, and is moved once it is",
  { ignore: !rabbitmqInstalled() },
  async () => {
    await using node = await startRabbitmq();
    await using broker = await connectBroker(node.url);
    await using app = await runApp({
      functions: {
        f: `export default queue("work", { queueType: "quorum", retry: false }, () => { throw new Error("No"); });`,
      },
      broker,
    });
    await broker.send("work", "first");
    await app.event("dead-lettered");
    // The process that is the queue answers nobody, as one does that has no leader.
    const deadLetters = `whereis(list_to_atom("%2F_work.dead"))`;
    const resume = () => node.ctl("eval", `sys:resume(${deadLetters}).`);
    await node.ctl("eval", `sys:suspend(${deadLetters}).`);

    // The app ends once its messages are settled, so the queue has to answer again before that.
    await using _resumed = { [Symbol.asyncDispose]: async () => void (await resume()) };
    await broker.send("work", "second");
    const [notice] = await app.events("notice", 1, {}, 60_000);
    assert.match(
      notice!.message,
      /^f: a message waits to be moved to work\.dead: The broker has not confirmed it for 10 s; a quorum queue may have no leader/,
    );
    assert.equal(app.seen("dead-lettered").length, 1);

    await resume();
    await app.events("dead-lettered", 2);
  },
);
