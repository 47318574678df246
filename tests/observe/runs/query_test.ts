import assert from "node:assert/strict";
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
const ids = (query: Partial<RunQuery>, trusted = true) =>
  select(latestFirst, { limit: 100, ...query }, trusted).runs.map(({ id }) => id);

Deno.test("Without a filter all runs are selected", () => {
  assert.deepEqual(ids({}), ["5", "4", "3", "2", "1"]);
});

Deno.test("Runs are selected by function, status and time", () => {
  assert.deepEqual(ids({ function: "other" }), ["5"]);
  assert.deepEqual(ids({ status: ["failed", "dead"] }), ["4"]);
  assert.deepEqual(ids({ since: 2_000 }), ["5", "4", "2", "1"]);
});

Deno.test("A search finds errors, log lines and payloads, in any case", () => {
  assert.deepEqual(ids({ search: "DISK" }), ["4"]);
  assert.deepEqual(ids({ search: "charged" }), ["2"]);
  assert.deepEqual(ids({ search: "a-17" }), ["1"]);
});

Deno.test("A reader without the token learns nothing of log lines and payloads by searching", () => {
  assert.deepEqual(ids({ search: "disk" }, false), ["4"]);
  assert.deepEqual(ids({ search: "charged" }, false), []);
  assert.deepEqual(ids({ search: "a-17" }, false), []);
});

Deno.test("A cursor continues where the last page ended, also when newer runs came meanwhile", () => {
  const first = select(latestFirst, { limit: 2 }, true);
  assert.deepEqual(first.runs.map(({ id }) => id), ["5", "4"]);
  const later = [record("6"), ...latestFirst];
  const second = select(later, { limit: 2, cursor: first.next }, true);
  assert.deepEqual(second.runs.map(({ id }) => id), ["3", "2"]);
  const last = select(later, { limit: 2, cursor: second.next }, true);
  assert.deepEqual([last.runs.map(({ id }) => id), last.next], [["1"], undefined]);
});

Deno.test("A cursor of a run that is gone continues nothing", () => {
  assert.deepEqual(ids({ cursor: "gone" }), []);
});
