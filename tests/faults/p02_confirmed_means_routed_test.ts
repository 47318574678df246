import assert from "node:assert/strict";
import { connect, HopperError } from "../../runtime/client/mod.ts";
import { connectBroker } from "../support/amqp.ts";
import { ids, takeIds } from "../support/load.ts";
import { onSharedBroker } from "../support/promises.ts";

const tried = 1000;

onSharedBroker(
  "P2",
  "Every unroutable message is an error, and the others arrive",
  async ({ url }, report) => {
    await using broker = await connectBroker(url);
    await broker.channel.assertQueue("there");
    await broker.channel.assertExchange("events", "topic");
    await broker.channel.bindQueue("there", "events", "order.#");
    await using hopper = await connect(url);
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
      what: "unroutable messages beside routable ones",
      goal: `${tried} of ${tried} are errors`,
      tried: { unroutable: tried, routable: tried },
      confirmed: tried,
      lost,
      duplicated: found.length - new Set(found).size,
      further: { errors: tried - (codes.confirmed ?? 0) },
    });
    assert.deepEqual(codes, { UNROUTABLE: tried });
    assert.equal(lost, 0);
    assert.equal(found.length, tried);
  },
);

const costly =
  "Publishing to a missing exchange is an error, and the messages on the closed channel still arrive";
onSharedBroker("P2", costly, async ({ url }, report) => {
  await using broker = await connectBroker(url);
  await broker.channel.assertQueue("there");
  await using hopper = await connect(url);
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
    what: "missing exchanges, 9 other messages under way beside each",
    goal: `${rounds} of ${rounds} are errors`,
    tried: { missing: rounds, routable: routable.length },
    confirmed: routable.length,
    lost,
    duplicated: found.length - new Set(found).size,
    further: { errors: missing.errors },
  });
  assert.equal(missing.errors, rounds);
  assert.equal(lost, 0);
});
