import assert from "node:assert/strict";
import { Wake } from "../../../runtime/discover/folder/wake.ts";

const never = new AbortController().signal;

/** Whether a wait has ended. */
async function isOver(wait: Promise<void>): Promise<boolean> {
  const pending = Symbol();
  return await Promise.race([wait, Promise.resolve(pending)]) !== pending;
}

Deno.test("A hint ends the wait after a short time, and each further hint delays that", async () => {
  const wake = new Wake({ debounceMs: 20, latestMs: 60_000, signal: never });
  const wait = wake.next();
  const started = performance.now();
  const hints = setInterval(() => wake.hint(), 1);
  setTimeout(() => clearInterval(hints), 50);

  await wait;

  assert.ok(performance.now() - started >= 50);
});

Deno.test("Hints that never stop delay the end of a wait to 'latestMs' at most", async () => {
  const wake = new Wake({ debounceMs: 60_000, latestMs: 20, signal: never });
  const hints = setInterval(() => wake.hint(), 1);

  await wake.next();

  clearInterval(hints);
});

Deno.test("A hint between two waits ends the next one, and only that one", async () => {
  const stop = new AbortController();
  const wake = new Wake({ debounceMs: 1, latestMs: 60_000, signal: stop.signal });
  wake.hint();
  wake.hint();
  await wake.next();

  const wait = wake.next();
  await wake.pause(20);
  assert.equal(await isOver(wait), false);
  stop.abort();
  await wait;
});

Deno.test("The signal ends every wait, and later waits end at once", async () => {
  const stop = new AbortController();
  const wake = new Wake({ debounceMs: 60_000, latestMs: 60_000, signal: stop.signal });
  const waits = [wake.next(), wake.pause(60_000)];

  stop.abort();

  await Promise.all([...waits, wake.next(), wake.pause(60_000)]);
});
