import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Options } from "amqplib";
import { connectBroker } from "../support/amqp.ts";
import { full, report } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { ids, sendAll, takeIds } from "../support/load.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";
import { startTcpProxy } from "../support/tcp_proxy.ts";

const rabbitmq = await rabbitmqForTests();

const tried = 10_000;

Deno.test("Malformed messages are handled or dead-lettered, and the good ones among them handled", {
  ignore: !rabbitmq,
}, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  await using ledger = await startLedger();
  await using hopper = await startHopper({
    functions: { work: ledger.worker("work", { options: `{ codec: "json", retry: false }` }) },
    broker: vhost.url,
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

  await ledger.until("all good ones ended", (all) => {
    return all.filter(({ what, id }) => what === "ended" && id.startsWith("good")).length >= good.length;
  });
  const handled = await ledger.until("the bad ones settled", (all) => {
    const ended = all.filter(({ what, id }) => what === "ended" && id.startsWith("bad")).length;
    return ended + hopper.logged("dead-lettered").length >= tried;
  }).then((all) => new Set(all.filter(({ what }) => what === "ended").map(({ id }) => id)));
  const dead = new Set(await takeIds(broker, "work.dead"));
  const lost = [...good, ...bad].filter((id) => !handled.has(id) && !dead.has(id)).length;
  const losses = hopper.logged("disconnected").length + hopper.logged("detached").length;
  report({
    promise: "P13",
    what: "malformed headers and bodies",
    goal: "0 crashes, 0 lost, no stall",
    found: { tried, "good handled": good.length, lost, "channels lost": losses, "dead-lettered": dead.size },
  });
  assert.equal((await hopper.stop()).code, 0);
  assert.equal(lost, 0);
  assert.equal(losses, 0);
});

Deno.test("Noise instead of frames costs a connection, and nothing else", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using proxy = startTcpProxy(Number(new URL(vhost.url).port));
  await using broker = await connectBroker(vhost.url);
  await using ledger = await startLedger();
  await using hopper = await startHopper({
    functions: { work: ledger.worker("work") },
    broker: `${proxy.via(vhost.url)}?heartbeat=2`,
  });
  const rounds = full ? 50 : 8;
  const sent = ids("message", rounds * 50);
  for (let round = 0; round < rounds; round++) {
    const consumers = { connection: "consumers" };
    await hopper.events("connected", round + 1, consumers);
    proxy.corrupt();
    await sendAll(broker, "work", sent.slice(round * 50, round * 50 + 50));
    await hopper.events("disconnected", round + 1, consumers);
  }
  await ledger.until("all ended", (all) => {
    const ended = all.filter(({ what, id }) => what === "ended" && id.startsWith("message"));
    return new Set(ended.map(({ id }) => id)).size === sent.length;
  });
  report({
    promise: "P13",
    what: "noise instead of frames",
    goal: "0 crashes, 0 lost, no stall",
    found: { tried: rounds, messages: sent.length, lost: 0 },
  });
  assert.equal((await hopper.stop()).code, 0);
});

const text = (value: string) => Buffer.from(value);

/** The same for the same number. */
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
    { headers: { "x-hopper-attempts": -5, "x-hopper-crashes": 1e300, "x-hopper-deadline": "yesterday" } },
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
