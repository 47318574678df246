import assert from "node:assert/strict";
import { shardOf } from "../../../runtime/dispatch/settle/shard_of.ts";

Deno.test("A key always gets into the same shard", () => {
  // In all versions: the messages of a key must not be in two shards while runtimes are replaced.
  assert.deepEqual(["a", "b", "customer-1", "ü", ""].map((key) => shardOf(key, 8)), [3, 6, 7, 7, 6]);
});

Deno.test("Keys spread evenly over the shards", () => {
  for (const shards of [2, 3, 8, 64]) {
    const counts = Array(shards).fill(0);
    for (let i = 0; i < 10_000; i++) counts[shardOf(`customer-${i}`, shards)]++;
    const even = 10_000 / shards;
    assert.ok(Math.min(...counts) > even * 0.7 && Math.max(...counts) < even * 1.3, `${counts}`);
  }
});
