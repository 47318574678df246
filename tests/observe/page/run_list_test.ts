import assert from "node:assert/strict";
import {
  countNew,
  mostRuns,
  noRuns,
  withChanged,
  withLatest,
  withOlder,
} from "../../../runtime/observe/page/state/run_list.js";
import { fakeRun } from "../../support/fake_admin.ts";

const runs = (...numbers: number[]) => numbers.map((number) => fakeRun(number));
const ids = ({ runs }: { readonly runs: readonly { readonly id: string }[] }) =>
  runs.map(({ id }) => Number(id.slice("run-".length)));

Deno.test("New runs come first, and older ones that were fetched stay", () => {
  const list = withOlder(withLatest(noRuns, { runs: runs(3, 2), next: "2" }), { runs: runs(1, 0) });
  assert.deepEqual(ids(list), [3, 2, 1, 0]);
  const later = withLatest(list, { runs: runs(4, 3), next: "3" });
  assert.deepEqual(ids(later), [4, 3, 2, 1, 0]);
  assert.equal(later.next, undefined);
});

Deno.test("With more new runs than are told at once, the list begins anew and continues after the latest", () => {
  const list = withLatest(noRuns, { runs: runs(3, 2), next: "2" });
  const later = withLatest(list, { runs: runs(9, 8), next: "8" });
  assert.deepEqual(ids(later), [9, 8]);
  assert.equal(later.next, "8");
});

Deno.test("If the latest runs are all there are, runs that are no longer kept leave the list", () => {
  const list = withLatest(noRuns, { runs: runs(3, 2, 1), next: "1" });
  assert.deepEqual(ids(withLatest(list, { runs: runs(3, 2) })), [3, 2]);
});

Deno.test("A run that has ended is shown so, wherever it is in the list", () => {
  const list = withLatest(noRuns, { runs: runs(3, 2, 1), next: "1" });
  const { runs: [, changed] } = withChanged(list, [fakeRun(2, { status: "failed" })]);
  assert.equal(changed!.status, "failed");
  assert.equal(
    withLatest(list, { runs: [fakeRun(3, { status: "dead" })], next: "3" }).runs[0]!.status,
    "dead",
  );
});

Deno.test("No run is listed twice, and no more than a runtime keeps", () => {
  const list = withLatest(noRuns, { runs: runs(2, 1), next: "1" });
  assert.deepEqual(ids(withOlder(list, { runs: runs(1, 0), next: "0" })), [2, 1, 0]);
  const many = withOlder(list, { runs: Array.from({ length: 20_000 }, (_, i) => fakeRun(-i)), next: "x" });
  assert.equal(many.runs.length, mostRuns);
  assert.equal(many.next, undefined);
});

Deno.test("Runs that the list does not have are counted", () => {
  assert.equal(countNew(withLatest(noRuns, { runs: runs(3, 2) }), runs(5, 4, 3)), 2);
});
