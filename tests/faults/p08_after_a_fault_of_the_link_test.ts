import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { connectBroker } from "../support/amqp.ts";
import type { FaultBroker } from "../support/fault_brokers.ts";
import {
  consumes,
  disconnectedBy,
  type Fault,
  faultMs,
  goalSeconds,
  heals,
  refusedSeconds,
  startRig,
} from "../support/heals.ts";
import { startHopper } from "../support/hopper.ts";
import { startLedger } from "../support/ledger.ts";
import { onOwnBroker, type Report } from "../support/promises.ts";
import { probe } from "../support/probes.ts";

const faults: Record<string, Fault> = {
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
  "noise on the link": async ({ proxy, hopper }) => {
    await disconnectedBy(hopper, () => proxy.corrupt());
  },
};

onOwnBroker(
  "P8",
  "Consumers reattach after every fault of the connection or a queue",
  async (broker, report) => {
    // Each has its own runtime, all at the same time, because they mostly wait.
    await all([
      ...Object.entries(faults).map(async ([name, fault], index) => {
        await using rig = await startRig(broker, `work${index}`);
        await heals(name, fault, rig, report);
      }),
      queueDeclaredOtherwise(broker, report),
    ]);
  },
);

async function queueDeclaredOtherwise({ url }: FaultBroker, report: Report): Promise<void> {
  await using ledger = await startLedger();
  await using hopper = await startHopper({
    functions: { other: ledger.worker("other"), innocent: ledger.worker("innocent") },
    broker: url,
  });
  await using broker = await connectBroker(url);
  await broker.channel.deleteQueue("other");
  await broker.channel.assertQueue("other", { durable: false });
  await hopper.event("detached", ({ error }) => String(error).includes("durable"));

  const { first } = await probe(ledger, url, "innocent");
  assert.ok(first <= goalSeconds, `A function beside one that is refused took ${first} s`);
  await broker.channel.deleteQueue("other");

  const goal = refusedSeconds + goalSeconds;
  await consumes("queue declared otherwise, deleted", { ledger, url, queue: "other" }, report, goal);
}

/** Waits for all of them, so that none is still running when one has failed. */
async function all(tests: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(tests)).flatMap((test) =>
    test.status === "rejected" ? [test.reason] : []
  );
  if (failed.length > 0) throw new AggregateError(failed, failed.map(String).join("\n"));
}
