import assert from "node:assert/strict";
import { type Ledger, startLedger } from "./ledger.ts";

async function note(ledger: Ledger, what: string, lines: string): Promise<void> {
  const response = await fetch(`${ledger.url}/${what}`, { method: "POST", body: lines });
  assert.equal(response.status, 204);
}

Deno.test("A ledger counts entries, lists each id once, and keeps a time that was given", async () => {
  await using ledger = await startLedger();
  await note(ledger, "started", "a\nb");
  await note(ledger, "started", "a\t1000");
  await note(ledger, "ended", "a");

  assert.equal(await ledger.count("started"), 3);
  assert.deepEqual(await ledger.ids("started"), new Set(["a", "b"]));
  assert.deepEqual((await ledger.entries()).map(({ what, id }) => `${what} ${id}`), [
    "started a",
    "started b",
    "started a",
    "ended a",
  ]);
  assert.equal((await ledger.entries("started"))[2]!.at, 1000);
});

Deno.test("A ledger reports an id as missing if nothing was noted about it before the ledger was quiet", async () => {
  await using ledger = await startLedger();
  await note(ledger, "ended", "a\nb");

  assert.deepEqual(await ledger.missing("ended", ["a", "b"]), []);
  assert.deepEqual(await ledger.missing("ended", ["a", "b", "c"], { quiet: 50 }), ["c"]);
  await assert.rejects(ledger.said("ended", 3, { quiet: 50 }), /3 × 'ended'; the ledger has \{"ended":2\}/);
});
