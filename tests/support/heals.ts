/** Faults of a runtime's connection, and the time until the runtime consumes again. */

import assert from "node:assert/strict";
import { connectBroker } from "./amqp.ts";
import type { FaultBroker } from "./fault_brokers.ts";
import { full } from "./figures.ts";
import { type Hopper, startHopper } from "./hopper.ts";
import { type Ledger, startLedger } from "./ledger.ts";
import { probe } from "./probes.ts";
import type { Report } from "./promises.ts";
import { startTcpProxy, type TcpProxy } from "./tcp_proxy.ts";

/** The maximum time from the end of a fault until a message is consumed. */
export const goalSeconds = 5;
/** How long a runtime waits to connect again after the broker refused it. */
export const refusedSeconds = 30;
/** The heartbeat of the runtime's connections, in seconds. */
export const heartbeat = full ? 10 : 2;
/** Long enough for the waits between tries to reach their maximum. */
export const faultMs = full ? 40_000 : 12_000;

/** A runtime with the one function `queue`, which reaches its broker through a proxy. */
export interface Rig extends AsyncDisposable {
  readonly broker: FaultBroker;
  readonly proxy: TcpProxy;
  readonly hopper: Hopper;
  readonly ledger: Ledger;
  readonly queue: string;
}

/** Causes the fault, waits until the runtime has noticed it, and ends it. */
export type Fault = (rig: Rig) => Promise<void>;

export async function startRig(broker: FaultBroker, queue: string): Promise<Rig> {
  await using stack = new AsyncDisposableStack();
  const proxy = stack.use(startTcpProxy(broker.port));
  const ledger = stack.use(await startLedger());
  const url = `${proxy.via(broker.url)}?heartbeat=${heartbeat}`;
  const hopper = stack.use(
    await startHopper({ functions: { [queue]: ledger.worker(queue) }, broker: url }),
  );
  const owned = stack.move();
  return { broker, proxy, ledger, hopper, queue, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Causes the fault, and checks that the runtime recovers in time. */
export async function heals(what: string, fault: Fault, rig: Rig, report: Report): Promise<void> {
  await fault(rig);
  const { ledger, broker: { url }, queue } = rig;
  await consumes(what, { ledger, url, queue }, report);
  await becomesSole(url, queue);
}

/** Checks that the runtime recovers in time from now on. */
export async function consumes(
  what: string,
  { ledger, url, queue }: { ledger: Ledger; url: string; queue: string },
  report: Report,
  seconds = goalSeconds,
): Promise<void> {
  const { first, all, sent, lost } = await probe(ledger, url, queue);
  report({
    what,
    goal: `consuming within ${seconds} s`,
    tried: { probes: sent },
    confirmed: sent,
    lost,
    healed: first,
    further: { "s to the last probe": all },
  });
  assert.equal(lost, 0);
  assert.ok(first <= seconds, `${what}: ${first} s`);
}

/** Does something that must close one of the runtime's connections, and waits until it has noticed. */
export async function disconnectedBy(hopper: Hopper, harm: () => unknown): Promise<void> {
  const consumers = { connection: "consumers" };
  const before = hopper.logged("disconnected", consumers).length;
  await harm();
  await hopper.events("disconnected", before + 1, consumers, { timeout: 60_000 });
}

/** Waits until one consumer is left, because the broker keeps a silent connection until it misses heartbeats. */
async function becomesSole(url: string, queue: string): Promise<void> {
  await using broker = await connectBroker(url);
  const deadline = Date.now() + heartbeat * 10_000;
  for (;;) {
    const { consumerCount } = await broker.channel.checkQueue(queue);
    if (consumerCount === 1) return;
    assert.ok(Date.now() < deadline, `${consumerCount} consumers of '${queue}'`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
