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

Deno.test("A function may log a thousand lines per second, and further lines are counted and reported with the next one", () => {
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

Deno.test("A function may log a megabyte per second, and a line that is too long does not hold back shorter ones", () => {
  const { write, after } = budget();

  assert.equal(write(1, 600 * 1024), 1);
  assert.equal(write(1, 600 * 1024), 0);
  assert.equal(write(5), 5);
  after(1000);
  assert.equal(write(1, 600 * 1024), 1);
});

Deno.test("Dropped log lines are reported at the end if no line follows", () => {
  const { logs, dropped, write } = budget();

  write(1010);
  logs.flush();
  logs.flush();

  assert.deepEqual(dropped, [10]);
});
