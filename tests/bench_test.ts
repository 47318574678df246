/** The bench itself, on a real broker: short measurements, whose figures mean nothing. */

import assert from "node:assert/strict";
import { startBroker } from "./bench/brokers.ts";
import { cases } from "./bench/cases.ts";
import { contenders } from "./bench/contenders.ts";
import type { BrokerUnderTest, Sample } from "./bench/measure.ts";
import { measure } from "./bench/measure.ts";
import { run } from "./support/process.ts";
import { withFolder } from "./support/folder.ts";

const lengths = { counts: 0.01, warmMs: 20, ms: 100 };

async function measured(broker: BrokerUnderTest, id: string, name: string): Promise<Sample> {
  const one = cases.find((one) => one.id === id)!;
  const contender = contenders.find((one) => one.id === name)!;
  return await measure(one, contender, broker, {}, lengths);
}

Deno.test("Consumers, servers, callers and publishers are measured by rate and processor time", async () => {
  await using broker = await startBroker("embedded");
  const isOnLinux = Deno.build.os === "linux";
  assert.equal(broker.pids.length > 0, isOnLinux);
  for (
    const [id, name] of [
      ["consume-100", "amqplib"],
      ["consume-100", "hopper"],
      ["rpc-64", "hopper-inline"],
      ["call-1", "hopper-client"],
      ["publish-100", "hopper-client"],
      ["publish-tasks", "amqplib"],
    ] as const
  ) {
    const { rate, cpu, p50, p99 } = await measured(broker, id, name);
    assert.ok(rate > 0, `${id}, ${name}: ${rate}`);
    assert.equal(cpu !== undefined && cpu.client >= 0, isOnLinux);
    const isCall = id.startsWith("rpc") || id.startsWith("call");
    assert.equal(p50! <= p99!, isCall, `${id}, ${name}: ${p50} ${p99}`);
  }
});

Deno.test("A contender that cannot run is reported with what it printed", async () => {
  await using broker = await startBroker("embedded");
  const client = { ...contenders.find(({ id }) => id === "hopper-client")!, title: "A wrong one" };
  const one = cases.find(({ id }) => id === "consume-100")!;
  await assert.rejects(
    measure(one, client, broker, {}, lengths),
    /^Error: A wrong one, consume 256 B, prefetch 100, embedded: ended with code 1 .*\n[^]*This program cannot consume/,
  );
});

Deno.test("The command writes the figures as JSON and as a picture", async () => {
  await using folder = await withFolder();
  const [json, svg] = [folder.at("out/bench.json"), folder.at("out")];
  const args = ["publish", "--case", "publish-100", "--broker", "embedded", "--rounds", "1"];
  const main = new URL("bench/main.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await run(
    Deno.execPath(),
    ["run", "-A", main, ...args, "--json", json, "--svg", svg],
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /\| Hopper's client \| [\d,]+ \(/);
  const { results } = JSON.parse(await Deno.readTextFile(json));
  assert.deepEqual(results[0].entries.map((entry: { contender: string }) => entry.contender), [
    "amqplib",
    "hopper-client",
  ]);
  assert.match(await Deno.readTextFile(`${svg}/publish.svg`), /^<svg [^]*<\/svg>\n$/);
});
