import assert from "node:assert/strict";
import { descendants, microsPerMessage, parseStat, readCpu } from "./cpu.ts";

Deno.test("The processor time of a process is read from /proc, whatever its program is called", () => {
  const line = "4711 (a (b) c 1 2) S 42 4711 1 0 -1 4194304 100 200 0 0 250 50 7 8 20 0 11 0 12345 1000 10";
  assert.deepEqual(parseStat(line), { pid: 4711, parent: 42, seconds: 3 });
});

Deno.test("Children of children belong to a process, and it does not belong to itself", () => {
  const process = (pid: number, parent: number) => ({ pid, parent, seconds: 0 });
  const all = [process(1, 0), process(2, 1), process(3, 2), process(4, 1), process(5, 9)];
  assert.deepEqual(descendants(all, [1]).map(({ pid }) => pid).toSorted(), [2, 3, 4]);
  assert.deepEqual(descendants(all, [5]), []);
});

Deno.test("Time a message is what was used between two readings, without processes that ended meanwhile", () => {
  const process = (pid: number, seconds: number) => ({ pid, parent: 1, seconds });
  const before = { client: [process(10, 1)], functions: [process(11, 5), process(12, 1)], broker: [] };
  const after = { client: [process(10, 1.5)], functions: [process(12, 1.25), process(13, 0.25)], broker: [] };
  assert.deepEqual(microsPerMessage(before, after, 50_000), { client: 10, functions: 10, broker: 0 });
});

Deno.test("The time of this process and of the brokers is found on Linux", {
  ignore: Deno.build.os !== "linux",
}, () => {
  const { client, broker } = readCpu(Deno.pid, [Deno.pid])!;
  assert.equal(client.length, 1);
  assert.ok(client[0]!.seconds > 0);
  assert.deepEqual(broker.map(({ pid }) => pid), [Deno.pid]);
});
