/** Properties of messages that are retried, dead-lettered and replayed. */

import assert from "node:assert/strict";
import { connect } from "../../runtime/client/mod.ts";
import { runApp } from "../support/app.ts";
import { given, show, shown } from "../support/every_property.ts";
import { rabbitmq, testOnBroker, testOnRabbitmq } from "../support/test_on_broker.ts";
import { withUser } from "../support/user.ts";

testOnBroker(
  "A moved message keeps its properties, and its user id if the runtime connects as that user",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `const show = ${show};
      export default queue("q", { retry: { attempts: 2, delay: 5, jitter: 0 } }, (_, { message, log }) => {
        log("seen", { ...show({ ...message }), headers: { ...message.headers } });
        throw new Error("No");
      });`,
      },
      broker,
    });

    await broker.send("q", "hello", { ...given, headers: { tenant: "acme" } });
    await app.event("dead-lettered");

    const [first, second] = app.seen("log").map(({ data }) => data);
    assert.deepEqual(first, { ...shown, headers: { tenant: "acme" } });
    assert.deepEqual(second, first);
    const { properties } = await broker.next("q.dead");
    const { type, appId, userId, priority, contentEncoding, deliveryMode } = properties;
    assert.deepEqual({ type, appId, userId, priority, contentEncoding, deliveryMode }, {
      type: "greeting",
      appId: "shop",
      userId: "guest",
      priority: 3,
      contentEncoding: "utf-8",
      deliveryMode: 2,
    });
  },
);

testOnRabbitmq(
  "The user id of another user is kept in a header when a message is moved",
  async ({ broker, vhost }) => {
    await using alice = await withUser(rabbitmq!, vhost, { configure: ".*", write: ".*", read: ".*" });
    const functions = {
      f: `export default queue("q", { retry: { attempts: 3, delay: 5, jitter: 0 } }, (_, { message, log }) => {
      log("seen", { userId: message.userId, header: message.headers["x-hopper-user-id"] });
      throw new Error("No");
    });`,
    };
    await using app = await runApp({ functions, broker });
    await using hopper = await connect(alice.url);

    await hopper.send("q", 1, { userId: alice.name });
    await app.event("dead-lettered");

    assert.deepEqual(app.seen("log").map(({ data }) => data), [{ userId: alice.name }, {}, {}]);
    const { properties } = await broker.next("q.dead");
    assert.equal(properties.userId, undefined);
    assert.equal(properties.headers!["x-hopper-user-id"], alice.name);
    assert.equal(app.seen("retrying").length, 2, "it was moved like any other");
  },
);
