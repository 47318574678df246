import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { recordOf, type RunRecord } from "../../../runtime/observe/runs/record.ts";
import { type RunQuery, select } from "../../../runtime/observe/runs/query.ts";
import { observedRun } from "../../support/observed_run.ts";

const record = (id: string, more: Partial<RunRecord> = {}): RunRecord => ({
  ...recordOf("work", observedRun({ id })),
  status: "ok",
  ...more,
});
const latestFirst = [
  record("5", { function: "other" }),
  record("4", { status: "failed", error: "Error: the disk is full" }),
  record("3", { queuedAt: 1_000 }),
  record("2", { lines: [{ at: 0, level: "info", message: "Charged 5 euros" }] }),
  record("1", {
    message: { body: new TextEncoder().encode('{"order":"A-17"}'), size: 16, headers: undefined },
  }),
];
const ids = async (query: Partial<RunQuery>, trusted = true) =>
  (await select(latestFirst, { limit: 100, ...query }, trusted)).runs.map(({ id }) => id);

Deno.test("Without a filter all runs are selected", async () => {
  assert.deepEqual(await ids({}), ["5", "4", "3", "2", "1"]);
});

Deno.test("Runs are selected by function, status and time", async () => {
  assert.deepEqual(await ids({ function: "other" }), ["5"]);
  assert.deepEqual(await ids({ status: ["failed", "dead"] }), ["4"]);
  assert.deepEqual(await ids({ since: 2_000 }), ["5", "4", "2", "1"]);
});

Deno.test("A search finds errors, log lines and payloads, in any case", async () => {
  assert.deepEqual(await ids({ search: "DISK" }), ["4"]);
  assert.deepEqual(await ids({ search: "charged" }), ["2"]);
  assert.deepEqual(await ids({ search: "a-17" }), ["1"]);
});

Deno.test("A reader without the token learns nothing of log lines and payloads by searching", async () => {
  assert.deepEqual(await ids({ search: "disk" }, false), ["4"]);
  assert.deepEqual(await ids({ search: "charged" }, false), []);
  assert.deepEqual(await ids({ search: "a-17" }, false), []);
});

Deno.test("A cursor continues where the last page ended, also when newer runs came meanwhile", async () => {
  const first = await select(latestFirst, { limit: 2 }, true);
  assert.deepEqual(first.runs.map(({ id }) => id), ["5", "4"]);
  const later = [record("6"), ...latestFirst];
  const second = await select(later, { limit: 2, cursor: first.next }, true);
  assert.deepEqual(second.runs.map(({ id }) => id), ["3", "2"]);
  const last = await select(later, { limit: 2, cursor: second.next }, true);
  assert.deepEqual([last.runs.map(({ id }) => id), last.next], [["1"], undefined]);
});

Deno.test("A cursor of a run that is gone continues nothing", async () => {
  assert.deepEqual(await ids({ cursor: "gone" }), []);
});

Deno.test("A search through many payloads lets other work have its turn", async () => {
  const body = new TextEncoder().encode("x".repeat(64 * 1024));
  const many = Array.from(
    { length: 5_000 },
    (_, i) => record(String(i), { message: { body, size: body.length, headers: undefined } }),
  );
  let turns = 0;
  let found = false;
  const others = (async () => {
    for (; !found; turns++) await setImmediate();
  })();
  const { runs } = await select(many, { limit: 10, search: "needle" }, true);
  found = true;
  await others;

  assert.deepEqual(runs, []);
  assert.ok(turns >= 3, `${turns} turns`);
});
