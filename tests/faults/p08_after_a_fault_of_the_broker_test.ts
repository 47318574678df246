import { setTimeout as sleep } from "node:timers/promises";
import { connectBroker } from "../support/amqp.ts";
import { disconnectedBy, type Fault, faultMs, heals, heartbeat, startRig } from "../support/heals.ts";
import { onOwnBroker } from "../support/promises.ts";

const faults: Record<string, Fault> = {
  "all connections closed by the broker": async ({ broker, hopper }) => {
    await disconnectedBy(hopper, () => broker.closeConnections());
  },
  "all connections closed by the broker, on a link 200 ms late": async ({ broker, proxy, hopper }) => {
    proxy.delay(200);
    await disconnectedBy(hopper, () => broker.closeConnections());
    proxy.heal();
  },
  "broker restarted": async ({ broker, hopper }) => {
    await disconnectedBy(hopper, () => broker.restart());
  },
  "broker killed": async ({ broker, hopper }) => {
    await disconnectedBy(hopper, () => broker.kill());
    await broker.restart();
  },
  "queue deleted": async ({ broker: { url }, hopper, queue }) => {
    await using broker = await connectBroker(url);
    const detached = hopper.logged("detached").length;
    await broker.channel.deleteQueue(queue);
    await hopper.events("detached", detached + 1);
  },
  "broker frozen for a moment": async ({ broker }) => {
    broker.pause();
    await sleep(heartbeat * 500);
    broker.resume();
  },
  "broker frozen": async ({ broker, hopper }) => {
    await disconnectedBy(hopper, () => broker.pause());
    await sleep(faultMs);
    broker.resume();
  },
};

onOwnBroker("P8", "Consumers reattach after every fault of the broker", async (broker, report) => {
  await using rig = await startRig(broker, "work");
  for (const [name, fault] of Object.entries(faults)) await heals(name, fault, rig, report);
});
