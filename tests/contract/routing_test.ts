import assert from "node:assert/strict";
import { contract, drain, refused } from "../support/contract.ts";
import { type Table, typed } from "../support/wire_fields.ts";

contract("Direct: A queue gets the messages whose key equals one of its binding keys", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "direct");
  const [info, errors] = [await broker.queue(channel), await broker.queue(channel)];
  for (const routingKey of ["info", "error"]) {
    await channel.call("queue.bind", { queue: info, exchange, routingKey });
  }
  await channel.call("queue.bind", { queue: errors, exchange, routingKey: "error" });
  for (const key of ["info", "error", "Error", "info.", "*", "#", ""]) {
    await channel.publish(exchange, key, key);
  }
  assert.deepEqual(await drain(channel, info), ["info", "error"]);
  assert.deepEqual(await drain(channel, errors), ["error"]);
});

contract("Fanout: Every queue gets every message, whatever the keys", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "fanout");
  const queues = [await broker.queue(channel), await broker.queue(channel)];
  for (const queue of queues) await channel.call("queue.bind", { queue, exchange, routingKey: "ignored" });
  await channel.publish(exchange, "other", "all");
  for (const queue of queues) assert.deepEqual(await drain(channel, queue), ["all"]);
});

const topics: [bindingKey: string, matching: string[], others: string[]][] = [
  ["a.b", ["a.b"], ["a", "a.b.c", "a.c", "A.b", "a.b."]],
  ["*", ["a", "*"], ["", "a.b", "."]],
  ["*.*", ["a.b", "."], ["a", "", "a.b.c"]],
  ["*.orange.*", ["quick.orange.rabbit", ".orange."], ["orange", "quick.orange", "quick.orange.male.rabbit"]],
  ["lazy.#", ["lazy", "lazy.brown.fox", "lazy."], ["lazybones", "quick.lazy"]],
  ["#", ["", "a", "a.b.c", "..."], []],
  ["#.#", ["", "a", "a.b"], []],
  ["#.b", ["b", "a.b", "a..b", "a.b.b"], ["b.a", ""]],
  ["a.#.b", ["a.b", "a.x.b", "a.x.y.b"], ["a", "b", "a.x"]],
  ["a.#.b.#", ["a.b", "a.b.b", "a.x.b.y"], ["a.x.y"]],
  ["#.a.#", ["a", "x.a", "a.y", "x.a.y"], ["x.y"]],
  ["*.#", ["a", "a.b", "."], [""]],
  ["#.*", ["a", "a.b", "."], [""]],
  ["", [""], ["a", "."]],
  ["a..b", ["a..b"], ["a.b", "a.x.b"]],
  ["a.*b", ["a.*b"], ["a.xb"]],
  ["a#", ["a#"], ["a", "a.b"]],
];

for (const [routingKey, matching, others] of topics) {
  contract(
    `Topic: '${routingKey}' matches ${JSON.stringify(matching)} and not ${JSON.stringify(others)}`,
    async (broker) => {
      const channel = await broker.channel();
      const exchange = await broker.exchange(channel, "topic");
      const queue = await broker.queue(channel);
      await channel.call("queue.bind", { queue, exchange, routingKey });
      for (const key of [...others, ...matching]) await channel.publish(exchange, key, key);
      assert.deepEqual(await drain(channel, queue), matching);
    },
  );
}

contract("Topic: After one key is unbound the others still match", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "topic");
  const queue = await broker.queue(channel);
  for (const routingKey of ["a.*", "a.#", "a.b"]) {
    await channel.call("queue.bind", { queue, exchange, routingKey });
  }
  await channel.call("queue.unbind", { queue, exchange, routingKey: "a.#" });
  for (const key of ["a.b", "a.c", "a", "a.b.c"]) await channel.publish(exchange, key, key);
  assert.deepEqual(await drain(channel, queue), ["a.b", "a.c"]);
});

const pairs: Table = { format: "pdf", pages: 5 };
const headers: [binding: Table, matching: Table[], others: (Table | undefined)[]][] = [
  [{ "x-match": "all", ...pairs }, [pairs, { ...pairs, more: 1 }], [{ format: "pdf" }, {}, undefined]],
  [pairs, [pairs], [{ pages: 5 }]],
  [{ "x-match": "any", ...pairs }, [{ format: "pdf" }, { pages: 5, format: "doc" }], [
    { format: "doc" },
    {},
    undefined,
  ]],
  [{ "x-match": "all" }, [{}, { anything: 1 }], []],
  [{ "x-match": "any" }, [], [{}, { anything: 1 }, undefined]],
  [{}, [{}, { anything: 1 }], []],
  [{ "x-match": "all", "x-tag": "a", plain: 1 }, [{ plain: 1 }, { plain: 1, "x-tag": "b" }], [{
    "x-tag": "a",
  }]],
  [{ "x-match": "all-with-x", "x-tag": "a", plain: 1 }, [{ plain: 1, "x-tag": "a" }], [{ plain: 1 }, {
    plain: 1,
    "x-tag": "b",
  }]],
  [{ "x-match": "any", "x-tag": "a", plain: 1 }, [{ plain: 1 }], [{ "x-tag": "a" }]],
  [{ "x-match": "any-with-x", "x-tag": "a", plain: 1 }, [{ plain: 1 }, { "x-tag": "a" }], [{ "x-tag": "b" }]],
  [{ n: typed("s", 1) }, [{ n: typed("l", 1) }, { n: typed("B", 1) }], [{ n: "1" }, { n: true }, { n: 2 }]],
  [{ n: 1 }, [{ n: 1 }, { n: typed("d", 1) }], [{ n: typed("d", 1.5) }]],
  [{ n: typed("d", 1.5) }, [{ n: 1.5 }], [{ n: "1.5" }]],
  [{ text: "a" }, [{ text: "a" }], [{ text: "A" }, { text: typed("x", "b") }]],
  [{ flag: true }, [{ flag: true }], [{ flag: false }, { flag: "true" }, { flag: 1 }]],
  [{ present: null }, [{ present: 1 }, { present: "anything" }, { present: null }], [{ other: 1 }]],
];

for (const [binding, matching, others] of headers) {
  contract(
    `Headers: ${JSON.stringify(binding)} matches ${JSON.stringify(matching)} and not ${
      JSON.stringify(others)
    }`,
    async (broker) => {
      const channel = await broker.channel();
      const exchange = await broker.exchange(channel, "headers");
      const queue = await broker.queue(channel);
      await channel.call("queue.bind", { queue, exchange, arguments: binding });
      for (const table of [...others, ...matching]) {
        await channel.publish(exchange, "", JSON.stringify(table), { headers: table });
      }
      assert.deepEqual(await drain(channel, queue), matching.map((table) => JSON.stringify(table)));
    },
  );
}

for (
  const [value, text] of [
    ["nope", `Invalid x-match field value <<"nope">>; expected all, any, all-with-x, or any-with-x`],
    [1, `Invalid x-match field type signedint (value 1); expected longstr`],
  ] as const
) {
  contract(`Headers: x-match ${JSON.stringify(value)} is refused`, async (broker) => {
    const channel = await broker.channel();
    const exchange = await broker.exchange(channel, "headers");
    const queue = await broker.queue(channel);
    await refused(
      channel.call("queue.bind", { queue, exchange, arguments: { "x-match": value } }),
      406,
      `PRECONDITION_FAILED - ${text}`,
    );
  });
}

contract("Headers: Exchanges of other types accept any x-match", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.call("queue.bind", {
    queue,
    exchange: "amq.direct",
    routingKey: queue,
    arguments: { "x-match": "nope" },
  });
});
