import assert from "node:assert/strict";
import { startEmbedded } from "../support/contract_embedded.ts";
import { WireSocket, within } from "../support/wire_client.ts";
import { WireConnection } from "../support/wire_connection.ts";
import { malformed } from "./malformed.ts";

const CLIENTS = 10_000;
const AT_ONCE = 50;

/** HOPPER_WIRE_SEED=N runs only client N, whose number a failure names. */
const only = Deno.env.get("HOPPER_WIRE_SEED");

// A broker that kept the connections of dead clients would accept nobody after three rounds.
const broker = await startEmbedded({ limits: { connections: AT_ONCE * 3 } });

Deno.test.afterAll(() => broker.stop());

Deno.test(`${CLIENTS} clients that send malformed bytes do not disturb a correct client`, async () => {
  await using witness = await WireConnection.open(broker);
  const channel = await witness.channel();
  const { queue } = await channel.call("queue.declare", { exclusive: true });
  await channel.call("basic.consume", { queue, noAck: true });

  const first = only ? Number(only) : 1;
  const last = only ? Number(only) : CLIENTS;
  for (let seed = first; seed <= last; seed += AT_ONCE) {
    const seeds = Array.from({ length: Math.min(AT_ONCE, last - seed + 1) }, (_, index) => seed + index);
    await Promise.all(seeds.map(misbehave));
    await (await WireConnection.open(broker)).close();
    await channel.publish("", queue as string, `after ${seed}`);
    assert.equal((await channel.delivery()).body, `after ${seed}`);
    assert.equal(broker.crash, undefined, `The broker crashed on a client from ${seed} on`);
  }
});

/** Sends everything, closes its side, and waits until the broker closes too. */
async function misbehave(seed: number): Promise<void> {
  const { fault, bytes } = malformed(seed);
  using socket = await WireSocket.open(broker);
  await socket.write(bytes).catch(isClosed);
  await socket.connection.closeWrite().catch(isClosed);
  await within(socket.drain(), `the broker to let go of client ${seed} (${fault})`);
}

/** The broker may have closed before everything was sent. */
function isClosed(error: unknown): void {
  const expected = [Deno.errors.BrokenPipe, Deno.errors.ConnectionReset, Deno.errors.NotConnected];
  if (!expected.some((type) => error instanceof type)) throw error;
}
