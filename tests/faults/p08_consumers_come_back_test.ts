import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type Broker, connectBroker } from "../support/amqp.ts";
import { full, report } from "../support/figures.ts";
import { type Hopper, spawnHopper, startHopper } from "../support/hopper.ts";
import { type Ledger, startLedger } from "../support/ledger.ts";
import { probe } from "../support/probes.ts";
import { type RabbitNode, startRabbitmq } from "../support/rabbitmq.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp_proxy.ts";

const goalSeconds = 5;
/** The runtime asks a broker that refuses it no more often than this. */
const refusedSeconds = 30;
const heartbeat = full ? 10 : 2;
/** Long enough for the waits between tries to have grown to their longest. */
const faultMs = full ? 40_000 : 12_000;

interface Rig {
  readonly node: RabbitNode;
  readonly proxy: TcpProxy;
  readonly hopper: Hopper;
  readonly ledger: Ledger;
}

/** Each does its harm, waits until the runtime has met it, and ends it. */
const faults: Record<string, (rig: Rig) => Promise<void>> = {
  "all connections closed": async ({ node, hopper }) => {
    await disconnectedBy(hopper, () => node.ctl("close_all_connections", "a test of faults"));
  },
  "broker restarted": async ({ node, hopper }) => {
    await disconnectedBy(hopper, () => node.restart());
  },
  "broker killed": async ({ node, hopper }) => {
    await disconnectedBy(hopper, () => node.kill());
    await node.restart();
  },
  "link cut": async ({ proxy, hopper }) => {
    await disconnectedBy(hopper, () => proxy.cut());
    await sleep(faultMs);
    proxy.heal();
  },
  "black hole": async ({ proxy, hopper }) => {
    await disconnectedBy(hopper, () => proxy.blackHole());
    await sleep(faultMs);
    proxy.heal();
  },
  "nothing reaches the broker": async ({ proxy, hopper }) => {
    await disconnectedBy(hopper, () => proxy.halfOpen("to server"));
    await sleep(faultMs);
    proxy.heal();
  },
  "nothing reaches the runtime": async ({ proxy, hopper }) => {
    await disconnectedBy(hopper, () => proxy.halfOpen("to client"));
    await sleep(faultMs);
    proxy.heal();
  },
  "200 ms late each way": ({ proxy }) => {
    proxy.delay(200);
    return Promise.resolve();
  },
  "late no more, connections closed": async ({ proxy, node, hopper }) => {
    await disconnectedBy(hopper, () => node.ctl("close_all_connections", "a test of faults"));
    proxy.heal();
  },
  "noise on the link": async ({ proxy, hopper }) => {
    await disconnectedBy(hopper, () => proxy.corrupt());
  },
  "queue deleted": async ({ node, hopper }) => {
    await using broker = await connectBroker(node.url);
    const detached = hopper.logged("detached").length;
    await broker.channel.deleteQueue("work");
    await hopper.events("detached", detached + 1);
  },
  "broker frozen for a moment": async ({ node }) => {
    node.pause();
    await sleep(heartbeat * 500);
    node.resume();
  },
  "broker frozen": async ({ node, hopper }) => {
    await disconnectedBy(hopper, () => node.pause());
    await sleep(faultMs);
    node.resume();
  },
};

Deno.test("Consumers come back after every fault of the broker and of the link", async (t) => {
  await using node = await startRabbitmq();
  await using proxy = startTcpProxy(node.port);
  await using ledger = await startLedger();
  await using hopper = await startHopper({
    functions: { work: ledger.worker("work") },
    broker: `${proxy.via(node.url)}?heartbeat=${heartbeat}`,
  });
  for (const [name, fault] of Object.entries(faults)) {
    await t.step(name, async () => {
      await fault({ node, proxy, hopper, ledger });
      const { first, all, sent } = await probe(ledger, node.url, "work");
      report({
        promise: "P8",
        what: name,
        goal: `consuming within ${goalSeconds} s`,
        found: { "seconds to heal": first, "to the last probe": all, probes: sent },
      });
      assert.ok(first <= goalSeconds, `${first} s`);
      await using broker = await connectBroker(node.url);
      await becomesSole(broker, "work");
    });
  }
});

Deno.test("Consumers attach to a broker that was down when the runtime started", async () => {
  await using node = await startRabbitmq();
  await node.kill();
  await using ledger = await startLedger();
  await using hopper = await spawnHopper({ functions: { work: ledger.worker("work") }, broker: node.url });
  await hopper.events("connecting", 4);

  await node.restart();

  const { first, all } = await probe(ledger, node.url, "work");
  report({
    promise: "P8",
    what: "broker down at start",
    goal: `consuming within ${goalSeconds} s`,
    found: { "seconds to heal": first, "to the last probe": all },
  });
  assert.ok(first <= goalSeconds, `${first} s`);
});

Deno.test("Consumers attach once what the broker refused is mended", async (t) => {
  await using node = await startRabbitmq();
  await node.ctl("add_user", "app", "another password");
  await node.ctl("set_permissions", "app", ".*", ".*", ".*");
  await using ledger = await startLedger();
  await using refused = await spawnHopper({
    functions: { work: ledger.worker("work") },
    broker: node.url.replace("guest:guest", "app:secret"),
  });
  await using inequivalent = await startHopper({
    functions: { other: ledger.worker("other"), innocent: ledger.worker("innocent") },
    broker: node.url,
  });
  await refused.event("connecting", ({ error }) => String(error).includes("403"));
  await using broker = await connectBroker(node.url);
  await broker.channel.deleteQueue("other");
  await broker.channel.assertQueue("other", { durable: false });
  await inequivalent.event("detached", ({ error }) => String(error).includes("durable"));

  await t.step("a refused function stops no other", async () => {
    const { first } = await probe(ledger, node.url, "innocent");
    assert.ok(first <= goalSeconds, `${first} s`);
  });
  await node.ctl("change_password", "app", "secret");
  await broker.channel.deleteQueue("other");
  const mended = await Promise.all([
    probe(ledger, node.url, "work"),
    probe(ledger, node.url, "other"),
  ]);

  for (const [index, what] of ["wrong password at first", "queue declared otherwise"].entries()) {
    const { first } = mended[index]!;
    const goal = `asked again no sooner than ${refusedSeconds} s, then within ${goalSeconds} s`;
    report({ promise: "P8", what, goal, found: { "seconds to heal": first } });
    assert.ok(first <= refusedSeconds + goalSeconds, `${first} s`);
  }
});

/** Does something that must cost the runtime a connection, and waits until it has noticed. */
async function disconnectedBy(hopper: Hopper, harm: () => unknown): Promise<void> {
  const consumers = { connection: "consumers" };
  const before = hopper.logged("disconnected", consumers).length;
  await harm();
  await hopper.events("disconnected", before + 1, consumers, { timeout: 60_000 });
}

/** Waits until one consumer is left: the broker keeps that of a silent connection until it misses its heartbeats. */
async function becomesSole({ channel }: Broker, queue: string): Promise<void> {
  const deadline = Date.now() + heartbeat * 4000;
  for (;;) {
    const { consumerCount } = await channel.checkQueue(queue);
    if (consumerCount === 1) return;
    assert.ok(Date.now() < deadline, `${consumerCount} consumers`);
    await sleep(100);
  }
}
