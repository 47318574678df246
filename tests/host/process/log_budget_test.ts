import assert from "node:assert/strict";
import { LogBudget } from "../../../runtime/host/process/log_budget.ts";

function budget() {
  const dropped: number[] = [];
  let now = 0;
  const logs = new LogBudget((count) => dropped.push(count), () => now);
  const write = (lines: number, bytes = 10) => {
    let written = 0;
    for (let i = 0; i < lines; i++) if (logs.take(bytes)) written++;
    return written;
  };
  return { logs, dropped, write, after: (ms: number) => now += ms };
}

Deno.test("A thousand lines a second are written; those beyond are counted, and told with the next", () => {
  const { dropped, write, after } = budget();

  assert.equal(write(1000), 1000);
  assert.equal(write(234), 0);
  after(999);
  assert.equal(write(1), 0);
  assert.deepEqual(dropped, []);
  after(1);
  assert.equal(write(1001), 1000);
  assert.deepEqual(dropped, [235]);
});

Deno.test("A megabyte a second is written; a line that has no room keeps no shorter one back", () => {
  const { write, after } = budget();

  assert.equal(write(1, 600 * 1024), 1);
  assert.equal(write(1, 600 * 1024), 0);
  assert.equal(write(5), 5);
  after(1000);
  assert.equal(write(1, 600 * 1024), 1);
});

Deno.test("What was dropped last is told when there is no next line", () => {
  const { logs, dropped, write } = budget();

  write(1010);
  logs.flush();
  logs.flush();

  assert.deepEqual(dropped, [10]);
});
