import assert from "node:assert/strict";
import { contract, refused } from "../support/contract.ts";
import { type Table, typed } from "../support/wire_fields.ts";

for (const type of ["direct", "fanout", "topic", "headers"]) {
  contract(
    `An exchange of type '${type}' can be declared, declared again, and declared passively`,
    async (broker) => {
      const channel = await broker.channel();
      const exchange = await broker.exchange(channel, type);
      assert.deepEqual(await channel.call("exchange.declare", { exchange, type }), {});
      assert.deepEqual(await channel.call("exchange.declare", { exchange, passive: true }), {});
    },
  );
}

for (
  const [exchange, type] of [
    ["amq.direct", "direct"],
    ["amq.fanout", "fanout"],
    ["amq.topic", "topic"],
    ["amq.headers", "headers"],
    ["amq.match", "headers"],
  ]
) {
  contract(`The exchange '${exchange}' exists`, async (broker) => {
    const channel = await broker.channel();
    await channel.call("exchange.declare", { exchange, type, passive: true });
  });
}

contract("Declaring an exchange with no-wait gets no reply, and creates it", async (broker) => {
  const channel = await broker.channel();
  const exchange = broker.unique("exchange");
  await channel.send("exchange.declare", { exchange, type: "direct", noWait: true });
  await channel.call("exchange.declare", { exchange, passive: true });
  assert.deepEqual(channel.inbox.items, []);
});

for (
  const [type, text] of [
    ["nope", "unknown exchange type 'nope'"],
    ["x-delayed-message", "unknown exchange type 'x-delayed-message'"],
    ["", "invalid exchange type ''"],
  ] as const
) {
  contract(`The exchange type '${type}' is refused, even for an existing name`, async (broker) => {
    const { code, name } = broker.expected.unknownExchangeType;
    for (const exchange of [broker.unique("exchange"), "amq.direct"]) {
      const channel = await (await broker.connect()).channel();
      await refused(channel.call("exchange.declare", { exchange, type }), code, `${name} - ${text}`);
    }
  });
}

contract("A passive declaration of an exchange compares only its name", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "topic");
  await channel.call("exchange.declare", { exchange, type: "fanout", durable: true, passive: true });
});

contract("A passive declaration of a missing exchange is refused", async (broker) => {
  const channel = await broker.channel();
  const exchange = broker.unique("missing");
  await refused(
    channel.call("exchange.declare", { exchange, passive: true }),
    404,
    `NOT_FOUND - no exchange '${exchange}' in vhost '/'`,
  );
});

/** What differs the second time, and RabbitMQ's text after `in vhost '/': `. */
const inequivalent: [first: Table, second: Table, argument: string, text: string][] = [
  [{}, { type: "topic" }, "type", "received 'topic' but current is 'direct'"],
  [{}, { durable: true }, "durable", "received 'true' but current is 'false'"],
  [{ durable: true }, {}, "durable", "received 'false' but current is 'true'"],
  [{}, { autoDelete: true }, "auto_delete", "received 'true' but current is 'false'"],
  [{}, { internal: true }, "internal", "received 'true' but current is 'false'"],
  [
    {},
    { arguments: { "alternate-exchange": "a" } },
    "alternate-exchange",
    "received the value 'a' of type 'longstr' but current is none",
  ],
  [
    { arguments: { "alternate-exchange": "a" } },
    {},
    "alternate-exchange",
    "received none but current is the value 'a' of type 'longstr'",
  ],
  [
    { arguments: { "alternate-exchange": "a" } },
    { arguments: { "alternate-exchange": "b" } },
    "alternate-exchange",
    "received 'b' but current is 'a'",
  ],
];

for (const [first, second, argument, text] of inequivalent) {
  contract(
    `An exchange with ${JSON.stringify(first)} cannot be declared again with ${JSON.stringify(second)}`,
    async (broker) => {
      const channel = await broker.channel();
      const exchange = await broker.exchange(channel, "direct", first);
      await refused(
        channel.call("exchange.declare", { exchange, type: "direct", ...second }),
        406,
        `PRECONDITION_FAILED - inequivalent arg '${argument}' for exchange '${exchange}' in vhost '/': ${text}`,
      );
    },
  );
}

contract("Unknown arguments of an exchange are not compared", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "direct", { arguments: { "x-mine": 1 } });
  await channel.call("exchange.declare", { exchange, type: "direct", arguments: { "x-yours": 2 } });
});

contract("The name of an alternate exchange must be a string", async (broker) => {
  const channel = await broker.channel();
  const exchange = broker.unique("exchange");
  await refused(
    channel.call("exchange.declare", {
      exchange,
      type: "direct",
      arguments: { "alternate-exchange": typed("I", 1) },
    }),
    406,
    `PRECONDITION_FAILED - invalid type 'signedint' for arg 'alternate-exchange' in exchange '${exchange}' in vhost '/'`,
  );
});

contract("Declaring an exchange with the prefix 'amq.' is refused", async (broker) => {
  const channel = await broker.channel();
  await refused(
    channel.call("exchange.declare", { exchange: "amq.foo", type: "direct" }),
    403,
    "ACCESS_REFUSED - exchange name 'amq.foo' contains reserved prefix 'amq.*'",
  );
});

contract("A system exchange can be declared again only as it is", async (broker) => {
  const channel = await broker.channel();
  await channel.call("exchange.declare", { exchange: "amq.direct", type: "direct", durable: true });
  await refused(
    channel.call("exchange.declare", { exchange: "amq.direct", type: "direct" }),
    406,
    "PRECONDITION_FAILED - inequivalent arg 'durable' for exchange 'amq.direct' in vhost '/': received 'false' but current is 'true'",
  );
});

contract("Declaring the default exchange is refused, even passively", async (broker) => {
  for (const passive of [false, true]) {
    const channel = await broker.channel();
    await refused(
      channel.call("exchange.declare", { exchange: "", type: "direct", durable: true, passive }),
      403,
      "ACCESS_REFUSED - operation not permitted on the default exchange",
    );
  }
});

contract("A deleted exchange no longer exists", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "direct");
  assert.deepEqual(await channel.call("exchange.delete", { exchange }), {});
  await refused(
    channel.call("exchange.declare", { exchange, passive: true }),
    404,
    `NOT_FOUND - no exchange '${exchange}' in vhost '/'`,
  );
});

contract("Deleting a missing exchange succeeds", async (broker) => {
  const channel = await broker.channel();
  assert.deepEqual(await channel.call("exchange.delete", { exchange: broker.unique("missing") }), {});
});

contract("Deleting an exchange with if-unused is refused if it is in use", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "direct");
  const queue = await broker.queue(channel);
  await channel.call("queue.bind", { queue, exchange, routingKey: "key" });
  await refused(
    channel.call("exchange.delete", { exchange, ifUnused: true }),
    406,
    `PRECONDITION_FAILED - exchange '${exchange}' in vhost '/' in use`,
  );
  const another = await broker.channel();
  await another.call("queue.unbind", { queue, exchange, routingKey: "key" });
  await another.call("exchange.delete", { exchange, ifUnused: true });
});

for (const exchange of ["amq.direct", "amq.fanout", "amq.topic", "amq.headers", "amq.match"]) {
  contract(`Deleting the exchange '${exchange}' is refused`, async (broker) => {
    const channel = await broker.channel();
    await refused(
      channel.call("exchange.delete", { exchange }),
      403,
      `ACCESS_REFUSED - deletion of system exchange '${exchange}' in vhost '/' not allowed`,
    );
  });
}

contract("Deleting the default exchange is refused", async (broker) => {
  const channel = await broker.channel();
  await refused(
    channel.call("exchange.delete", { exchange: "" }),
    403,
    "ACCESS_REFUSED - operation not permitted on the default exchange",
  );
});

contract(
  "An auto-delete exchange is deleted with its last binding, and not before its first",
  async (broker) => {
    const channel = await broker.channel();
    const exchange = await broker.exchange(channel, "direct", { autoDelete: true });
    const queue = await broker.queue(channel);
    await channel.call("exchange.declare", { exchange, passive: true });
    for (const routingKey of ["a", "b"]) await channel.call("queue.bind", { queue, exchange, routingKey });
    await channel.call("queue.unbind", { queue, exchange, routingKey: "a" });
    await channel.call("exchange.declare", { exchange, passive: true });
    await channel.call("queue.unbind", { queue, exchange, routingKey: "b" });
    await refused(
      channel.call("exchange.declare", { exchange, passive: true }),
      404,
      `NOT_FOUND - no exchange '${exchange}' in vhost '/'`,
    );
  },
);

contract("An auto-delete exchange is deleted when the last queue bound to it is deleted", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "fanout", { autoDelete: true });
  const queue = await broker.queue(channel);
  await channel.call("queue.bind", { queue, exchange });
  await channel.call("queue.delete", { queue });
  await refused(
    channel.call("exchange.declare", { exchange, passive: true }),
    404,
    `NOT_FOUND - no exchange '${exchange}' in vhost '/'`,
  );
});
