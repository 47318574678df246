/** What programs send with the client: bytes of every kind, and properties. Nothing is changed without an error. */

import assert from "node:assert/strict";
import { connect, PublishFailed, Unroutable } from "../../runtime/client/mod.ts";
import { bytesOfEveryKind, unsendable } from "../support/values.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

testOnBroker(
  "The client's send(), publish() and call() send bytes of every kind as bytes",
  async ({ broker, vhost, t }) => {
    await broker.channel.assertQueue("tasks");
    await using hopper = await connect(vhost.url);
    const arrived = async () => {
      const message = await broker.next("tasks");
      assert.deepEqual([...message.content], [0, 1, 254, 255]);
      return message;
    };

    for (const [kind, value] of Object.entries(bytesOfEveryKind)) {
      await t.step(kind, async () => {
        await hopper.send("tasks", value());
        assert.equal((await arrived()).properties.contentType, "application/octet-stream");
        await hopper.publish("", "tasks", value(), { contentType: "image/png" });
        assert.equal((await arrived()).properties.contentType, "image/png");
        const called = hopper.call("tasks", value(), { contentType: "image/png" });
        const request = await arrived();
        assert.equal(request.properties.contentType, "image/png");
        await broker.reply(request, "1");
        assert.equal(await called, 1);
      });
    }
  },
);

testOnBroker(
  "The client's send(), publish() and call() refuse values that would arrive changed",
  async ({ broker, vhost, t }) => {
    await broker.channel.assertQueue("tasks");
    await using hopper = await connect(vhost.url);

    for (const [kind, [value, message]] of Object.entries(unsendable)) {
      await t.step(kind, async () => {
        const body = [value()];
        await assert.rejects(hopper.send("tasks", body), { name: "ArgumentError", message });
        await assert.rejects(hopper.publish("", "tasks", body), { name: "ArgumentError", message });
        await assert.rejects(hopper.call("tasks", body), { name: "ArgumentError", message: /^body\[0\]/ });
      });
    }
    await assert.rejects(
      hopper.send("tasks", "grüß", { contentType: "text/plain; charset=latin1" }),
      /give its bytes/,
    );
    await assert.rejects(
      hopper.send("tasks", { a: 1 }, { contentEncoding: "gzip" }),
      /give the compressed bytes/,
    );

    assert.equal(await broker.waiting("tasks"), 0);
  },
);

testOnBroker(
  "The client's send() and publish() set every property, and refuse unknown ones",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("tasks");
    await using hopper = await connect(vhost.url);
    const options = {
      type: "order.new",
      appId: "shop",
      userId: "guest",
      replyTo: "answers",
      contentEncoding: "utf-8",
      mandatory: true,
    };

    await hopper.send("tasks", 1, options);
    await hopper.publish("amq.topic", "nobody", 1, { mandatory: false });
    await assert.rejects(
      hopper.publish("amq.topic", "nobody", 1, options),
      (error) => error instanceof Unroutable,
    );
    await assert.rejects(hopper.send("tasks", 1, { usrId: "guest" } as never), {
      name: "ArgumentError",
      message: /^Unknown option 'usrId'; did you mean 'userId'\?; send and publish take headers, messageId, /,
    });
    await assert.rejects(hopper.call("tasks", 1, { priority: 1 } as never), {
      name: "ArgumentError",
      message: "Unknown option 'priority'; call takes timeout, headers, contentType, signal",
    });

    const { mandatory: _, ...sent } = options;
    const { type, appId, userId, replyTo, contentEncoding } = (await broker.next("tasks")).properties;
    assert.deepEqual({ type, appId, userId, replyTo, contentEncoding }, sent);
  },
);

testOnBroker(
  "A user id that the broker refuses is an error of that message only",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("tasks");
    await using hopper = await connect(vhost.url);

    const results = await Promise.allSettled(
      Array.from(
        { length: 30 },
        (_, i) => hopper.send("tasks", i, { userId: i % 10 === 0 ? "somebody" : "guest" }),
      ),
    );

    for (const [i, result] of results.entries()) {
      if (i % 10 > 0) assert.equal(result.status, "fulfilled");
      else {
        assert.ok(result.status === "rejected" && result.reason instanceof PublishFailed);
        assert.match(
          result.reason.message,
          /user_id property set to 'somebody' but authenticated user was 'guest'/,
        );
      }
    }
    assert.equal(await broker.waiting("tasks"), 27, "none went twice");
  },
);
