import assert from "node:assert/strict";
import { connect, HopperError } from "../../runtime/client/mod.ts";
import { connectBroker } from "../support/amqp.ts";
import { report } from "../support/figures.ts";
import { ids, takeIds } from "../support/load.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";

const rabbitmq = await rabbitmqForTests();

const tried = 1000;

Deno.test("Every unroutable message is an error, and the others beside it arrive", {
  ignore: !rabbitmq,
}, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  await broker.channel.assertQueue("there");
  await broker.channel.assertExchange("events", "topic");
  await broker.channel.bindQueue("there", "events", "order.#");
  await using hopper = await connect(vhost.url);
  const routable = ids("routable", tried);
  const codes: Record<string, number> = {};
  const counted = (publish: Promise<void>) =>
    publish.then(() => "confirmed", (error) => error instanceof HopperError ? error.code : "unknown error")
      .then((code) => codes[code] = (codes[code] ?? 0) + 1);

  await Promise.all(routable.map((messageId, index) =>
    Promise.all([
      index % 2 === 0
        ? hopper.send("there", index, { messageId })
        : hopper.publish("events", "order.created", index, { messageId }),
      counted(
        index % 2 === 0
          ? hopper.send(`not there ${index}`, index)
          : hopper.publish("events", `invoice.${index}`, index),
      ),
    ])
  ));

  const found = await takeIds(broker, "there");
  const lost = routable.filter((id) => !found.includes(id)).length;
  report({
    promise: "P2",
    what: "unroutable messages beside routable ones",
    goal: `${tried} of ${tried} are errors`,
    found: { tried, errors: tried - (codes.confirmed ?? 0), "routable lost": lost },
  });
  assert.deepEqual(codes, { UNROUTABLE: tried });
  assert.equal(lost, 0);
  assert.equal(found.length, tried);
});

Deno.test("An exchange that is not there is an error, though it costs the channel of all others", {
  ignore: !rabbitmq,
}, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  await broker.channel.assertQueue("there");
  await using hopper = await connect(vhost.url);
  const rounds = 100;
  const routable = ids("routable", rounds * 9);
  const missing = { errors: 0 };

  for (let round = 0; round < rounds; round++) {
    const beside = routable.slice(round * 9, round * 9 + 9);
    const none = hopper.publish("not there", "", round).catch((error) => {
      if (error.code === "NO_SUCH_EXCHANGE") missing.errors++;
    });
    await Promise.all([none, ...beside.map((messageId) => hopper.send("there", 1, { messageId }))]);
  }

  const found = await takeIds(broker, "there");
  const lost = routable.filter((id) => !found.includes(id)).length;
  report({
    promise: "P2",
    what: "missing exchanges, 9 other messages under way beside each",
    goal: `${rounds} of ${rounds} are errors`,
    found: {
      tried: rounds,
      errors: missing.errors,
      "routable lost": lost,
      twice: found.length - routable.length,
    },
  });
  assert.equal(missing.errors, rounds);
  assert.equal(lost, 0);
});
