import assert from "node:assert/strict";
import { contract, drain, refused } from "../support/contract.ts";

contract("CC and BCC route to further keys; BCC is removed before delivery", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "direct");
  const queues: Record<string, string> = {};
  for (const routingKey of ["to", "copy", "blind"]) {
    queues[routingKey] = await broker.queue(channel);
    await channel.call("queue.bind", { queue: queues[routingKey], exchange, routingKey });
  }
  const headers = { CC: ["copy"], BCC: ["blind"], kept: 1 };
  await channel.publish(exchange, "to", "hello", { headers });
  for (const queue of Object.values(queues)) {
    const got = await channel.get(queue);
    assert.deepEqual([got?.routingKey, got?.body, got?.properties.headers], ["to", "hello", {
      CC: ["copy"],
      kept: 1,
    }]);
  }
});

contract("CC over the default exchange names queues", async (broker) => {
  const channel = await broker.channel();
  const [first, second] = [await broker.queue(channel), await broker.queue(channel)];
  await channel.publish("", first, "both", { headers: { CC: [second] } });
  assert.deepEqual(await drain(channel, first), ["both"]);
  assert.deepEqual(await drain(channel, second), ["both"]);
});

contract("A queue named twice gets the message once", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "once", { headers: { CC: [queue], BCC: [queue] } });
  assert.deepEqual(await drain(channel, queue), ["once"]);
});

contract("A mandatory message that only a CC routes is not returned", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", broker.unique("nobody"), "copy", { mandatory: true, headers: { CC: [queue] } });
  assert.deepEqual(await drain(channel, queue), ["copy"]);
  assert.deepEqual(channel.inbox.items, []);
});

for (
  const [name, value, type] of [
    ["CC", "queue", "longstr"],
    ["BCC", "queue", "longstr"],
    ["CC", 1, "signedint"],
    ["CC", true, "bool"],
    ["BCC", { a: 1 }, "table"],
  ] as const
) {
  contract(`${name}: ${JSON.stringify(value)} is not an array and is refused`, async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel);
    await channel.publish("", queue, "", { headers: { [name]: value } });
    await refused(
      channel.refused(),
      406,
      `PRECONDITION_FAILED - invalid message: {unacceptable_type_in_header,"${name}",${type}}`,
    );
  });
}

contract("An entry in CC that is not a string is ignored", async (broker) => {
  const channel = await broker.channel();
  const [first, second] = [await broker.queue(channel), await broker.queue(channel)];
  await channel.publish("", first, "", { headers: { CC: [5, second] } });
  assert.equal((await drain(channel, first)).length, 1);
  assert.equal((await drain(channel, second)).length, 1);
});

contract("Headers that contained only BCC are delivered empty, and an empty CC stays", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "", { headers: { BCC: [queue] } });
  await channel.publish("", queue, "", { headers: { CC: [] } });
  assert.deepEqual((await channel.get(queue))?.properties, { headers: {} });
  assert.deepEqual((await channel.get(queue))?.properties, { headers: { CC: [] } });
});

contract("The header 'cc' in small letters has no special meaning", async (broker) => {
  const channel = await broker.channel();
  const [first, second] = [await broker.queue(channel), await broker.queue(channel)];
  await channel.publish("", first, "", { headers: { cc: [second], bcc: "anything" } });
  assert.deepEqual((await channel.get(first))?.properties.headers, { cc: [second], bcc: "anything" });
  assert.equal(await channel.get(second), undefined);
});
