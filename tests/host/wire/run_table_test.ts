import assert from "node:assert/strict";
import { RunTable } from "../../../runtime/host/wire/run_table.ts";

function begin(table: RunTable<{ id: number }>): { id: number } {
  const run = { id: table.nextId() };
  table.add(run);
  return run;
}

Deno.test("A run is found by its number until it is deleted, and no later run has the number", () => {
  const table = new RunTable<{ id: number }>();
  const [one, two] = [begin(table), begin(table)];
  assert.equal(table.get(one.id), one);
  assert.deepEqual(table.all(), [one, two]);

  table.delete(one.id);
  table.delete(one.id);
  assert.equal(table.get(one.id), undefined);
  assert.equal(table.size, 1);
  const later = Array.from({ length: 10_000 }, () => {
    const { id } = begin(table);
    table.delete(id);
    return id;
  });
  assert.equal(new Set([one.id, two.id, ...later]).size, 10_002);
  assert.equal(table.get(two.id), two, "a long run keeps its place while others come and go");
});

Deno.test("All runs are found, however many there are at the same time", () => {
  const table = new RunTable<{ id: number }>();
  const runs = Array.from({ length: 5_000 }, () => begin(table));
  for (const run of runs) assert.equal(table.get(run.id), run);
  assert.equal(table.size, 5_000);
  for (const { id } of runs.slice(1)) table.delete(id);
  assert.deepEqual(table.all(), [runs[0]]);
});

Deno.test("The other side finds runs by the numbers that it is told", () => {
  const [told, heard] = [new RunTable<{ id: number }>(), new RunTable<{ id: number }>()];
  const long = begin(told);
  heard.add({ id: long.id });
  for (let count = 0; count < 1_000; count++) {
    const { id } = begin(told);
    heard.add({ id });
    assert.equal(heard.get(id)?.id, id);
    heard.delete(id);
    told.delete(id);
  }
  assert.equal(heard.get(long.id)?.id, long.id);
});
