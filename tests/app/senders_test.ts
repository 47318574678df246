/** How what one function publishes affects the others. */

import assert from "node:assert/strict";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const steady = `export default queue("steady", async (_, ctx) => {
  for (let batch = 0; batch < 40; batch++) {
    await Promise.all(Array.from({ length: 50 }, (_, i) => ctx.send("sink", batch * 50 + i)));
  }
});`;

const calling = `export default queue("calling", async (_, ctx) => {
  for (let batch = 0; batch < 10; batch++) {
    await Promise.all(Array.from({ length: 20 }, (_, i) => ctx.call("echo", i)));
  }
});`;

/** Publishes again and again what makes the broker close the channel. */
const rogue = (ask: string) =>
  `export default queue("rogue", async (_, ctx) => {
  for (let i = 0; i < 100; i++) await (${ask}).catch(() => {});
});`;

testOnBroker(
  "A function that publishes what the broker refuses neither loses nor doubles another function's messages",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("sink");
    await using app = await runApp({
      functions: { rogue: rogue(`ctx.publish("amq.rabbitmq.trace", "", 1)`), steady },
      broker: vhost.url,
    });

    await broker.send("rogue", "go");
    await broker.send("steady", "go");
    await app.events("handled", 2);

    const { messageCount } = await broker.channel.checkQueue("sink");
    assert.equal(messageCount, 2000);
  },
);

testOnBroker(
  "A function whose call the broker refuses does not disturb the calls of other functions",
  async ({ broker, vhost }) => {
    await using app = await runApp({
      functions: {
        echo: `export default rpc("echo", (input) => input);`,
        rogue: rogue(`ctx.call("echo", 1, { headers: { CC: "no list" } })`),
        calling,
      },
      broker: vhost.url,
    });

    await broker.send("rogue", "go");
    await broker.send("calling", "go");
    await app.event("handled", { function: "calling" });
    await app.event("handled", { function: "rogue" });
  },
);
