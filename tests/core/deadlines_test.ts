import assert from "node:assert/strict";
import { mock } from "node:test";
import { Deadlines, type Waiting } from "../../runtime/core/deadlines.ts";

/** A clock that moves only by `pass`, and the deadlines of runs that may take 100 ms. */
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

/** A run that records how it was ended. */
function run(): Waiting & { readonly ends: string[] } {
  const ends: string[] = [];
  return {
    ends,
    timeOut: () => ends.push("timed out"),
    giveUp: (reason) => ends.push(`given up: ${reason}`),
  };
}

Deno.test("A run times out when its time is over, and not earlier", () => {
  using time = clock();
  const one = run();
  time.deadlines.add(one);

  time.pass(99);
  assert.deepEqual(one.ends, []);
  time.pass(1);
  assert.deepEqual(one.ends, ["timed out"]);
});

Deno.test("Each run has its own full time, whenever it began", () => {
  using time = clock();
  const [one, two, three] = [run(), run(), run()];
  time.deadlines.add(one);
  time.pass(30);
  const second = time.deadlines.add(two);
  time.deadlines.add(three);
  time.deadlines.delete(second);

  time.pass(70);
  assert.deepEqual([one, two, three].map(({ ends }) => ends.length), [1, 0, 0]);
  time.pass(30);
  assert.deepEqual([one, two, three].map(({ ends }) => ends.length), [1, 0, 1], "one has ended by itself");
});

Deno.test("A run that begins after a pause without runs has its full time", () => {
  using time = clock();
  const [one, two] = [run(), run()];
  time.deadlines.delete(time.deadlines.add(one));
  time.pass(90);
  time.deadlines.add(two);

  time.pass(99);
  assert.deepEqual(two.ends, []);
  time.pass(1);
  assert.deepEqual(two.ends, ["timed out"]);
  time.pass(1000);
  assert.deepEqual(two.ends, ["timed out"]);
});

Deno.test("When the runtime gives up, every run is ended and no timer is left", () => {
  using time = clock();
  const [one, two] = [run(), run()];
  time.deadlines.add(one);
  time.deadlines.add(two);

  time.deadlines.giveUp("stopping");
  time.pass(1000);
  assert.deepEqual([one.ends, two.ends], [["given up: stopping"], ["given up: stopping"]]);
});

Deno.test("A run with a shorter time than the others times out before those that began earlier", () => {
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

// The timer is a real one: the test fails if it is left.
Deno.test("When nothing more begins, the timer goes with the last run, which still has its time", () => {
  const deadlines = new Deadlines(60_000);
  const [one, two] = [run(), run()];
  const [first, second] = [deadlines.add(one), deadlines.add(two)];

  deadlines.close();
  deadlines.delete(first);
  deadlines.delete(second);
  assert.deepEqual([one.ends, two.ends], [[], []]);
});
