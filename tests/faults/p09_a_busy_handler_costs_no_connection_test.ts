import assert from "node:assert/strict";
import { connect } from "../../runtime/client/mod.ts";
import { full } from "../support/figures.ts";
import { startHopper } from "../support/hopper.ts";
import { onSharedBroker } from "../support/promises.ts";

const heartbeatMs = 1000;
const spins = (full ? 30 : 10) * heartbeatMs;

const name =
  "A handler that does not yield for many heartbeats closes no connection, and delays no other function";
onSharedBroker("P9", name, async ({ url }, report) => {
  await using hopper = await startHopper({
    functions: {
      spin: `import { rpc } from "hopper";
        export default rpc("spin", { timeout: "2m" }, (ms: number) => {
          const end = Date.now() + ms;
          while (Date.now() < end);
          return "span";
        });`,
      echo: `import { rpc } from "hopper"; export default rpc("echo", (x: unknown) => x);`,
    },
    broker: `${url}?heartbeat=${heartbeatMs / 1000}`,
  });
  await using client = await connect(url);
  await client.call("echo", 0);

  let isSpinning = true;
  const spinning = client.call("spin", spins, { timeout: "1m" }).finally(() => isSpinning = false);
  const times: number[] = [];
  while (isSpinning) {
    const began = performance.now();
    assert.equal(await client.call("echo", times.length), times.length);
    times.push(performance.now() - began);
  }
  assert.equal(await spinning, "span");

  const closes = hopper.count("disconnected");
  const sorted = times.toSorted((a, b) => a - b);
  report({
    what: `a handler spins for ${spins / heartbeatMs} heartbeats`,
    goal: "0 closes",
    tried: { calls: times.length },
    further: {
      closes,
      "echo p50 ms": sorted[Math.floor(times.length / 2)]!,
      "echo p99 ms": sorted[Math.floor(times.length * 0.99)]!,
    },
  });
  assert.equal(closes, 0);
});
