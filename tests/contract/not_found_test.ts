import { contract, refused } from "../support/contract.ts";
import type { Arguments } from "../support/wire_methods.ts";

const methods: [method: string, args: Arguments][] = [
  ["basic.consume", {}],
  ["basic.get", {}],
  ["queue.purge", {}],
  ["queue.declare", { passive: true }],
  ["queue.bind", { exchange: "amq.direct", routingKey: "key" }],
];

for (const [method, args] of methods) {
  contract(`${method} of a missing queue names it`, async (broker) => {
    const channel = await broker.channel();
    const queue = broker.unique("missing");
    await refused(
      channel.call(method, { queue, ...args }),
      404,
      `NOT_FOUND - no queue '${queue}' in vhost '/'`,
    );
  });
}

for (
  const method of ["basic.consume", "basic.get", "queue.purge", "queue.delete", "queue.bind", "queue.unbind"]
) {
  contract(
    `${method} without a queue name needs a queue that was declared on the channel before`,
    async (broker) => {
      const channel = await broker.channel();
      const args = method.endsWith("bind") ? { exchange: "amq.direct", routingKey: "key" } : {};
      await refused(channel.call(method, args), 404, "NOT_FOUND - no previously declared queue");
    },
  );
}

contract(
  "A queue that was declared on another channel is not the last one declared on this channel",
  async (broker) => {
    const [channel, another] = [await broker.channel(), await broker.channel()];
    await broker.queue(another);
    await refused(channel.call("queue.purge"), 404, "NOT_FOUND - no previously declared queue");
  },
);

contract(
  "The last queue that was declared on a channel stays the last one even if it is deleted",
  async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel);
    await channel.call("queue.delete");
    await refused(channel.call("queue.purge"), 404, `NOT_FOUND - no queue '${queue}' in vhost '/'`);
  },
);

contract("A queue name with a line break is reported without it", async (broker) => {
  const channel = await broker.channel();
  await refused(
    channel.call("queue.declare", { queue: "no such\r\nqueue", passive: true }),
    404,
    "NOT_FOUND - no queue 'no suchqueue' in vhost '/'",
  );
});
