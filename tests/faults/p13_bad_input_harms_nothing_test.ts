import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Options } from "amqplib";
import { connectBroker } from "../support/amqp.ts";
import { full } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeIds } from "../support/load.ts";
import { onSharedBroker } from "../support/promises.ts";
import { startTcpProxy } from "../support/tcp_proxy.ts";

const tried = full ? 10_000 : 2_000;

const malformedName =
  "Malformed messages are handled or dead-lettered, and good ones between them are handled";
onSharedBroker("P13", malformedName, async ({ url }, report) => {
  await using broker = await connectBroker(url);
  await using ledger = await startLedger();
  await using hopper = await startHopper({
    functions: { work: ledger.worker("work", { options: { codec: "json", retry: false } }) },
    broker: url,
  });
  const good = ids("good", tried / 10);
  const bad = ids("bad", tried);
  for (let from = 0; from < tried; from += 500) {
    await Promise.all(
      bad.slice(from, from + 500).map((messageId, index) => {
        const { body, options } = malformed(from + index);
        return broker.send("work", body, { ...options, messageId, persistent: true });
      }),
    );
    await sendAll(broker, "work", good.slice(from / 10, from / 10 + 50));
  }

  const stalled = await ledger.missing("ended", good);
  await ledger.until("the bad ones settled", async () => {
    const handled = [...await ledger.ids("ended")].filter((id) => id.startsWith("bad")).length;
    return handled + hopper.count("dead-lettered") >= tried;
  });
  const handled = await ledger.ids("ended");
  const dead = new Set(await takeIds(broker, "work.dead"));
  const lost = [...good, ...bad].filter((id) => !handled.has(id) && !dead.has(id)).length;
  const losses = hopper.count("disconnected") + hopper.count("detached");
  const { code } = await hopper.stop();
  report({
    what: "malformed headers and bodies",
    goal: "0 crashes, 0 lost, no stall",
    tried: { malformed: tried, good: good.length },
    confirmed: tried + good.length,
    lost,
    duplicated: await ledger.count("started") - (await ledger.ids("started")).size,
    further: {
      "dead-lettered": dead.size,
      stalled: stalled.length,
      "channels lost": losses,
      "exit code": code,
    },
  });
  assert.equal(code, 0);
  assert.deepEqual(stalled, []);
  assert.equal(lost, 0);
  assert.equal(losses, 0);
});

onSharedBroker(
  "P13",
  "A client that sends noise instead of frames loses only its own connection",
  async (on, report) => {
    await using proxy = startTcpProxy(on.port);
    await using broker = await connectBroker(on.url);
    await using ledger = await startLedger();
    await using hopper = await startHopper({
      functions: { work: ledger.worker("work") },
      broker: `${proxy.via(on.url)}?heartbeat=2`,
    });
    const rounds = full ? 50 : 5;
    const sent = ids("message", rounds * 50);
    for (let round = 0; round < rounds; round++) {
      const consumers = { connection: "consumers" };
      await hopper.events("connected", round + 1, consumers);
      proxy.corrupt();
      await sendAll(broker, "work", sent.slice(round * 50, round * 50 + 50));
      await hopper.events("disconnected", round + 1, consumers);
    }
    const lost = await ledger.missing("ended", sent);
    const { code } = await hopper.stop();
    report({
      what: "noise instead of frames",
      goal: "0 crashes, 0 lost, no stall",
      tried: { rounds, messages: sent.length },
      confirmed: sent.length,
      lost: lost.length,
      duplicated: await ledger.count("started") - (await ledger.ids("started")).size,
      further: { "exit code": code },
    });
    assert.deepEqual(lost, []);
    assert.equal(code, 0);
  },
);

const text = (value: string) => Buffer.from(value);

/** Always the same for the same number. */
function malformed(number: number): { body: Buffer; options: Options.Publish } {
  const bodies: (() => Buffer)[] = [
    () => text(""),
    () => text("{"),
    () => text("[".repeat(20_000)),
    () => text(`${"[".repeat(20_000)}${"]".repeat(20_000)}`),
    () => text(`{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}`),
    () => text("1e999"),
    () => Buffer.from([0xff, 0xfe, 0x00, 0x80, number & 0xff]),
    () => Buffer.from(crypto.getRandomValues(new Uint8Array(1 + number % 300))),
    () => text("\u0000".repeat(100)),
    () => text(`"${"x".repeat(100_000)}"`),
  ];
  const options: Options.Publish[] = [
    {},
    { contentType: "application/json" },
    { contentType: "x".repeat(255), contentEncoding: "gzip" },
    { contentType: "application/json; charset=utf-7" },
    { replyTo: "amq.rabbitmq.reply-to.nobody", correlationId: "\u0000" },
    { replyTo: "no such queue", type: "error" },
    { timestamp: Number.MAX_SAFE_INTEGER },
    { headers: { "x-hopper-attempts": "many", "x-hopper-exchange": 7, "x-hopper-replays": -1 } },
    { headers: { "x-hopper-attempts": -5, "x-hopper-crashes": 1e300, "x-hopper-timeout": "yesterday" } },
    { headers: { "x-death": "not a list" } },
    { headers: { "x-death": [{ queue: 5, reason: null }, 7] } },
    { headers: { "x-delivery-count": "x", ["__proto__"]: "x", toString: 1, constructor: null } },
    { headers: { nested: deep(200) } },
    { headers: { long: "x".repeat(60_000) } },
    { headers: Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`h${index}`, index])) },
    { expiration: "600000", priority: 255, userId: undefined },
  ];
  return { body: bodies[number % bodies.length]!(), options: options[number % options.length]! };
}

function deep(levels: number): unknown {
  return levels === 0 ? 1 : { deeper: deep(levels - 1) };
}
