import assert from "node:assert/strict";
import { contract, refused } from "../support/contract.ts";
import { type Table, typed } from "../support/wire_fields.ts";

const integers = ["x-message-ttl", "x-expires", "x-max-length", "x-max-length-bytes", "x-max-priority"];

/** RabbitMQ's text about an argument, after `invalid arg '…' for queue '…' in vhost '/': `. */
const invalid: [argument: string, value: unknown, text: string][] = [
  ...integers.flatMap((argument): [string, unknown, string][] => [
    [argument, -1, "{value_negative,-1}"],
    [argument, "10", `"expected integer, got longstr"`],
    [argument, 1.5, `"expected integer, got double"`],
    [argument, true, `"expected integer, got bool"`],
    [argument, null, `"expected integer, got void"`],
    [argument, [], `"expected integer, got array"`],
    [argument, {}, `"expected integer, got table"`],
    [argument, new Date(1000), `"expected integer, got timestamp"`],
  ]),
  ["x-message-ttl", 2 ** 40, "{value_too_large,1099511627776}"],
  ["x-expires", 2 ** 40, "{value_too_large,1099511627776}"],
  ["x-expires", 0, "{value_zero,0}"],
  ["x-max-priority", 256, "{max_value_exceeded,256}"],
  ["x-dead-letter-routing-key", "key", "routing_key_but_no_dlx_defined"],
  ["x-dead-letter-routing-key", 1, "{unacceptable_type,signedint}"],
  ["x-overflow", "nope", "invalid_overflow"],
  ["x-overflow", 1, "{unacceptable_type,signedint}"],
  ["x-overflow", typed("l", 1), "{unacceptable_type,long}"],
  ["x-overflow", typed("s", 1), "{unacceptable_type,short}"],
  ["x-queue-mode", "nope", `"unsupported queue mode 'nope'"`],
  ["x-queue-mode", true, "{unacceptable_type,bool}"],
  ["x-queue-type", "nope", `"unsupported queue type 'nope'"`],
  ["x-queue-type", 1, "{unacceptable_type,signedint}"],
  ["x-queue-version", "2", `"expected integer, got longstr"`],
  ["x-queue-version", 3, `"unsupported queue version '3'"`],
  ["x-single-active-consumer", "true", "{unacceptable_type,longstr}"],
  ["x-single-active-consumer", 1, "{unacceptable_type,signedint}"],
];

for (const [argument, value, text] of invalid) {
  contract(`${argument}: ${JSON.stringify(value)} is refused with ${text}`, async (broker) => {
    const channel = await broker.channel();
    const queue = broker.unique("queue");
    await refused(
      channel.call("queue.declare", { queue, arguments: { [argument]: value } }),
      406,
      `PRECONDITION_FAILED - invalid arg '${argument}' for queue '${queue}' in vhost '/': ${text}`,
    );
  });
}

contract("A dead letter exchange that is not a string is refused with its own text", async (broker) => {
  const channel = await broker.channel();
  const queue = broker.unique("queue");
  await refused(
    channel.call("queue.declare", { queue, arguments: { "x-dead-letter-exchange": 1 } }),
    406,
    `PRECONDITION_FAILED - invalid type 'signedint' for arg 'x-dead-letter-exchange' in queue '${queue}' in vhost '/'`,
  );
});

contract(
  "Of two invalid arguments the one that RabbitMQ checks first is named, whatever their order",
  async (broker) => {
    for (const args of [{ "x-message-ttl": -1, "x-expires": 0 }, { "x-expires": 0, "x-message-ttl": -1 }]) {
      const channel = await broker.channel();
      const queue = broker.unique("queue");
      await refused(
        channel.call("queue.declare", { queue, arguments: args }),
        406,
        `PRECONDITION_FAILED - invalid arg 'x-expires' for queue '${queue}' in vhost '/': {value_zero,0}`,
      );
    }
  },
);

for (
  const argument of [
    "x-delivery-limit",
    "x-max-in-memory-length",
    "x-max-in-memory-bytes",
    "x-quorum-initial-group-size",
    "x-dead-letter-strategy",
    "x-queue-leader-locator",
    "x-max-age",
    "x-stream-max-segment-size-bytes",
  ]
) {
  contract(`${argument} is not for a classic queue`, async (broker) => {
    const channel = await broker.channel();
    const queue = broker.unique("queue");
    await refused(
      channel.call("queue.declare", { queue, arguments: { [argument]: 1 } }),
      406,
      `PRECONDITION_FAILED - invalid arg '${argument}' for queue '${queue}' in vhost '/' of queue type rabbit_classic_queue`,
    );
  });
}

const accepted: Table[] = [
  { "x-message-ttl": 0 },
  { "x-max-length": 0 },
  { "x-max-length": 2 ** 40 },
  { "x-max-length-bytes": 0 },
  { "x-max-priority": 0 },
  { "x-max-priority": 255 },
  { "x-overflow": "drop-head" },
  { "x-overflow": "reject-publish" },
  { "x-overflow": "reject-publish-dlx" },
  { "x-queue-mode": "default" },
  { "x-queue-mode": "lazy" },
  { "x-queue-type": "classic" },
  { "x-queue-version": 1 },
  { "x-queue-version": 2 },
  { "x-queue-master-locator": "client-local" },
  { "x-single-active-consumer": false },
  { "x-dead-letter-exchange": "declared-later" },
  { "x-dead-letter-exchange": "" },
  { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "key" },
  { "x-mine": { nested: [1, "two", null] }, "anything": 1 },
];

for (const args of accepted) {
  contract(`${JSON.stringify(args)} is accepted`, async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel, { arguments: args });
    await broker.channel();
    assert.equal((await channel.call("queue.declare", { queue, arguments: args })).queue, queue);
  });
}

/** The first arguments, the second ones, and RabbitMQ's text after `in vhost '/': `. */
const inequivalent: [first: Table, second: Table, argument: string, text: string][] = [
  [
    {},
    { "x-message-ttl": 1000 },
    "x-message-ttl",
    "received the value '1000' of type 'signedint' but current is none",
  ],
  [
    {},
    { "x-message-ttl": typed("s", 1000) },
    "x-message-ttl",
    "received the value '1000' of type 'short' but current is none",
  ],
  [
    {},
    { "x-message-ttl": typed("l", 1000) },
    "x-message-ttl",
    "received the value '1000' of type 'long' but current is none",
  ],
  [
    {},
    { "x-message-ttl": typed("B", 100) },
    "x-message-ttl",
    "received the value '100' of type 'unsignedbyte' but current is none",
  ],
  [
    {},
    { "x-overflow": "drop-head" },
    "x-overflow",
    "received the value 'drop-head' of type 'longstr' but current is none",
  ],
  [
    { "x-message-ttl": 1000 },
    {},
    "x-message-ttl",
    "received none but current is the value '1000' of type 'signedint'",
  ],
  [
    { "x-overflow": "drop-head" },
    {},
    "x-overflow",
    "received none but current is the value 'drop-head' of type 'longstr'",
  ],
  [
    { "x-message-ttl": 1000 },
    { "x-message-ttl": 2000 },
    "x-message-ttl",
    "received '2000' but current is '1000'",
  ],
  [{ "x-expires": 60_000 }, { "x-expires": 50_000 }, "x-expires", "received '50000' but current is '60000'"],
  [
    { "x-dead-letter-exchange": "a" },
    { "x-dead-letter-exchange": "b" },
    "x-dead-letter-exchange",
    "received 'b' but current is 'a'",
  ],
  [{ "x-max-length": 1 }, { "x-max-length": 2 }, "x-max-length", "received '2' but current is '1'"],
  [{ "x-max-priority": 1 }, { "x-max-priority": 2 }, "x-max-priority", "received '2' but current is '1'"],
  [
    { "x-queue-mode": "lazy" },
    { "x-queue-mode": "default" },
    "x-queue-mode",
    "received 'default' but current is 'lazy'",
  ],
  [
    { "x-single-active-consumer": true },
    { "x-single-active-consumer": false },
    "x-single-active-consumer",
    "received 'false' but current is 'true'",
  ],
];

for (const [first, second, argument, text] of inequivalent) {
  contract(
    `A queue with ${JSON.stringify(first)} cannot be declared again with ${JSON.stringify(second)}`,
    async (broker) => {
      const channel = await broker.channel();
      const queue = await broker.queue(channel, { arguments: first });
      await refused(
        channel.call("queue.declare", { queue, arguments: second }),
        406,
        `PRECONDITION_FAILED - inequivalent arg '${argument}' for queue '${queue}' in vhost '/': ${text}`,
      );
    },
  );
}

contract("The width of an integer argument is not compared", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-message-ttl": typed("s", 1000) } });
  for (const type of ["s", "u", "I", "i", "l"]) {
    await channel.call("queue.declare", { queue, arguments: { "x-message-ttl": typed(type, 1000) } });
  }
});

contract("The queue type 'classic' is the same as no type", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.call("queue.declare", { queue, arguments: { "x-queue-type": "classic" } });
});

contract("Unknown arguments of a queue are not compared", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-mine": 1 } });
  await channel.call("queue.declare", { queue, arguments: { "x-mine": 2, "x-yours": 3 } });
});

contract(
  "Arguments that differ are named in RabbitMQ's order, whatever order they are written in",
  async (broker) => {
    const values: [argument: string, first: unknown, second: unknown][] = [
      ["x-expires", 60_000, 50_000],
      ["x-message-ttl", 1000, 2000],
      ["x-dead-letter-exchange", "a", "b"],
      ["x-dead-letter-routing-key", "a", "b"],
      ["x-max-length", 1, 2],
      ["x-max-length-bytes", 1, 2],
      ["x-max-priority", 1, 2],
      ["x-overflow", "drop-head", "reject-publish"],
      ["x-queue-mode", "lazy", "default"],
      ["x-queue-version", 1, 2],
      ["x-single-active-consumer", true, false],
      ["x-queue-master-locator", "client-local", "min-masters"],
    ];
    const queue = await broker.queue(await broker.channel(), {
      arguments: Object.fromEntries(values.map(([argument, first]) => [argument, first]).reverse()),
    });
    for (const [index, [argument, first, second]] of values.entries()) {
      const channel = await broker.channel();
      const args = values.map(([name, first, second], at) => [name, at < index ? first : second]);
      await refused(
        channel.call("queue.declare", { queue, arguments: Object.fromEntries(args) }),
        406,
        `PRECONDITION_FAILED - inequivalent arg '${argument}' for queue '${queue}' in vhost '/': received '${second}' but current is '${first}'`,
      );
    }
  },
);
