import assert from "node:assert/strict";
import { plainSpec } from "../../../runtime/host/process/spec.ts";
import { withProcesses } from "../../support/processes.ts";

Deno.test("A process that was started ahead is used once, for the first request with the same properties", async () => {
  await using processes = await withProcesses();
  const { pool, alive } = processes;
  const modules = ["/functions/f.ts"];
  pool.startAhead("/functions/f.ts", modules);
  const spec = plainSpec(modules);
  await pool.start({ ...spec, memory: 64 }, "/functions/f.ts");
  assert.equal(alive.size, 2, "the one that was started ahead is another");
  await pool.start(spec, "/functions/f.ts");
  assert.equal(alive.size, 2);
  await pool.start(spec, "/functions/f.ts");
  assert.equal(alive.size, 3);
});

Deno.test("The process that is started ahead for a function has the properties of its current one", async () => {
  await using processes = await withProcesses();
  const { pool, alive } = processes;
  const spec = { ...plainSpec(["/functions/f.ts"]), memory: 64 };
  await pool.start(spec, "/functions/f.ts");
  pool.startAhead("/functions/f.ts", ["/functions/f.ts"]);
  await pool.start(spec, "/functions/f.ts");
  assert.equal(alive.size, 2);
});

Deno.test("A process that was started ahead ends if it is not used in time", async () => {
  await using processes = await withProcesses({ aheadMs: 1 });
  const { pool, alive, nextGone } = processes;
  const gone = nextGone();
  pool.startAhead("/functions/f.ts", ["/functions/f.ts"]);
  await gone;
  assert.equal(alive.size, 0);
});

Deno.test("Processes that were started ahead can be dropped when they would know too little", async () => {
  await using processes = await withProcesses();
  const { pool, alive, nextGone } = processes;
  const gone = nextGone();
  pool.startAhead("/functions/f.ts", ["/functions/f.ts"]);
  pool.dropAhead();
  const process = await pool.start(plainSpec(["/functions/f.ts"]), "/functions/f.ts");
  await gone;
  assert.deepEqual([...alive], [process.pid]);
});
