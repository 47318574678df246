import assert from "node:assert/strict";
import { mock } from "node:test";
import { Deadlines, type Waiting } from "../../runtime/core/deadlines.ts";

/** Time that passes only when it is told to, and the deadlines of runs that may take 100 ms. */
function clock() {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const now = mock.method(performance, "now", () => Date.now());
  const deadlines = new Deadlines(100);
  return {
    deadlines,
    pass: (ms: number) => mock.timers.tick(ms),
    [Symbol.dispose]() {
      now.mock.restore();
      mock.timers.reset();
    },
  };
}

/** A run that notes how it was ended. */
function run(): Waiting & { readonly ends: string[] } {
  const ends: string[] = [];
  return {
    ends,
    timeOut: () => ends.push("timed out"),
    giveUp: (reason) => ends.push(`given up: ${reason}`),
  };
}

Deno.test("A run is ended when its time is over, and no sooner", () => {
  using time = clock();
  const one = run();
  time.deadlines.add(one);

  time.pass(99);
  assert.deepEqual(one.ends, []);
  time.pass(1);
  assert.deepEqual(one.ends, ["timed out"]);
});

Deno.test("Each run has its own time, whenever it began", () => {
  using time = clock();
  const [one, two, three] = [run(), run(), run()];
  time.deadlines.add(one);
  time.pass(30);
  time.deadlines.add(two);
  time.deadlines.add(three);
  time.deadlines.delete(two);

  time.pass(70);
  assert.deepEqual([one, two, three].map(({ ends }) => ends.length), [1, 0, 0]);
  time.pass(30);
  assert.deepEqual([one, two, three].map(({ ends }) => ends.length), [1, 0, 1], "one has ended by itself");
});

Deno.test("After a time without runs the next one has its whole time", () => {
  using time = clock();
  const [one, two] = [run(), run()];
  time.deadlines.add(one);
  time.deadlines.delete(one);
  time.pass(90);
  time.deadlines.add(two);

  time.pass(99);
  assert.deepEqual(two.ends, []);
  time.pass(1);
  assert.deepEqual(two.ends, ["timed out"]);
  time.pass(1000);
  assert.deepEqual(two.ends, ["timed out"]);
});

Deno.test("When the runtime gives up, every run is ended, and no timer is left", () => {
  using time = clock();
  const [one, two] = [run(), run()];
  time.deadlines.add(one);
  time.deadlines.add(two);

  time.deadlines.giveUp("stopping");
  time.pass(1000);
  assert.deepEqual([one.ends, two.ends], [["given up: stopping"], ["given up: stopping"]]);
});

Deno.test("A run that may take less than the others is ended before those that began first", () => {
  using time = clock();
  const [one, two, three] = [run(), run(), run()];
  time.deadlines.add(one);
  time.deadlines.add(two, 30);
  time.pass(10);
  time.deadlines.add(three, 40);

  time.pass(20);
  assert.deepEqual([one, two, three].map(({ ends }) => ends.length), [0, 1, 0]);
  time.pass(20);
  assert.deepEqual([one, two, three].map(({ ends }) => ends.length), [0, 1, 1]);
  time.pass(50);
  assert.deepEqual([one, two, three].map(({ ends }) => ends), Array(3).fill(["timed out"]));
});
