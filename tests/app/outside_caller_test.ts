/** Callers that are no function. */

import assert from "node:assert/strict";
import { openOutsideCaller } from "../../runtime/app/outside_caller.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

testOnBroker("A caller that is no function gets replies as they came", async ({ broker }) => {
  const caller = await openOutsideCaller(broker.url, "outside");
  await broker.channel.assertQueue("echo");
  const replying = broker.next("echo").then(({ content, properties }) =>
    broker.publish("", properties.replyTo, content, {
      correlationId: properties.correlationId,
      contentType: "image/png",
      contentEncoding: "gzip",
    })
  );
  const reply = await caller.request("echo", bytes("not gzip"), { contentType: "text/plain" });
  await replying;
  assert.deepEqual(reply, {
    body: reply.body,
    contentType: "image/png",
    contentEncoding: "gzip",
    isError: false,
  });
  assert.equal(new TextDecoder().decode(reply.body), "not gzip");
  await caller.close();
});

Deno.test("While the broker is away, a caller that is no function learns so, and not that nobody replied", async () => {
  const caller = await openOutsideCaller("amqp://127.0.0.1:1", "outside", 100);
  const lost = { code: "CONNECTION_LOST" };
  await assert.rejects(caller.request("f", undefined, { timeout: "20s" }), lost);
  await assert.rejects(caller.send("q", undefined, {}), lost);
  await caller.close();
});
