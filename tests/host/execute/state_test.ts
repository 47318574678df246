import assert from "node:assert/strict";
import type { Log } from "../../../runtime/core/api/context.ts";
import { disposeOf, type Setup, setUp } from "../../../runtime/host/execute/state.ts";

const ignore = () => {};
const log: Log = Object.assign(() => {}, { debug: ignore, info: ignore, warn: ignore, error: ignore });
const made = (setup: Setup, ms = 10_000, stop?: AbortSignal) =>
  setUp(setup, { env: { A: "1" }, log, ms, stop });

Deno.test("A setup gets its variables and a signal, and its result is the state", async () => {
  const state = await made(({ env, signal }) => Promise.resolve({ a: env.A, isAborted: signal.aborted }));
  assert.deepEqual(state, { a: "1", isAborted: false });
  await assert.rejects(
    made(() => {
      throw new TypeError("No database");
    }),
    new TypeError("No database"),
  );
});

Deno.test("A setup that takes too long is aborted by its signal, and what it returns later is disposed of", async () => {
  const closed = Promise.withResolvers<void>();
  let reason: unknown;
  const late = made(({ signal }) => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    signal.addEventListener("abort", () => {
      reason = signal.reason;
      resolve({ close: () => closed.resolve() });
    });
    return promise;
  }, 1);
  await assert.rejects(late, {
    message: "It took longer than 1 ms; write a longer 'setupTimeout' if it needs more",
  });
  await closed.promise;
  assert.match(String(reason), /SetupTimeout/);
});

Deno.test("A setup that is running when its function stops rejects with that reason", async () => {
  const stop = new AbortController();
  const stopped = made(() => new Promise(ignore), 10_000, stop.signal);
  stop.abort();
  await assert.rejects(stopped, { message: "The function stops" });
});

Deno.test("A state is disposed of by Symbol.asyncDispose, else Symbol.dispose, else close()", async () => {
  const called: string[] = [];
  const state = {
    name: "state",
    async [Symbol.asyncDispose]() {
      await Promise.resolve();
      called.push(`${this.name} asyncDispose`);
    },
    [Symbol.dispose]: () => called.push("dispose"),
    close: () => called.push("close"),
  };
  await disposeOf(state);
  await disposeOf({ ...state, [Symbol.asyncDispose]: undefined });
  await disposeOf({ close: state.close });
  assert.deepEqual(called, ["state asyncDispose", "dispose", "close"]);
});

Deno.test("A state without such a method has its properties disposed of, the last one first, even if one throws", async () => {
  const called: string[] = [];
  await assert.rejects(
    disposeOf({
      db: { close: () => called.push("db") },
      limit: 5,
      cache: {
        [Symbol.dispose]: () => {
          called.push("cache");
          throw new Error("Cache is gone");
        },
      },
    }),
    new Error("Cache is gone"),
  );
  assert.deepEqual(called, ["cache", "db"]);
});

Deno.test("A state that cannot be disposed of is ignored", async () => {
  for (const state of [undefined, null, 5, "text", [], new Map(), { a: null }]) await disposeOf(state);
});
