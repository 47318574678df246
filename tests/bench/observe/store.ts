/** Puts a million runs into the log of runs, each with a payload and a log line, and prints what memory it takes. */

import { HeaderTable } from "../../../runtime/amqp/header_table.ts";
import { createEvents } from "../../../runtime/core/ports/events.ts";
import { openRuns } from "../../../runtime/observe/runs/mod.ts";
import { observedRun } from "../../support/observed_run.ts";

const runs = 1_000_000;
const gc = (globalThis as { gc?: () => void }).gc!;

const data = await Deno.makeTempDir({ prefix: "hopper-bench-" });
const events = createEvents();
const opened = openRuns({ events, data, keep: true });
gc();
const before = Deno.memoryUsage();
const from = performance.now();
for (let i = 0; i < runs; i++) {
  // From a little to 32 KiB, as messages are.
  const body = new Uint8Array(i % 100 === 0 ? 32 * 1024 : 256);
  const run = observedRun({ id: `run-${i}`, message: { id: `m-${i}`, body }, headers: HeaderTable.none });
  const about = { function: `f${i % 20}`, messageId: run.message.id, run };
  events.emit({ event: "started", ...about });
  events.emit({ event: "log", level: "info", ...about, message: "Charged", data: { amount: i } });
  if (i % 50 === 0) events.emit({ event: "failed", ...about, attempt: 1, ms: 3, error: `Error: no ${i}` });
  else events.emit({ event: "handled", ...about, attempt: 1, ms: 3 });
  // As in a runtime, where messages come in turns of the event loop, between which what has changed is written.
  if (i % 1000 === 0) await new Promise((resolve) => setTimeout(resolve));
}
const ms = performance.now() - from;
gc();
const after = Deno.memoryUsage();
const grown = after.heapUsed + after.external - before.heapUsed - before.external;
console.log(JSON.stringify({ runs, ms, kept: opened.log.size, bytes: opened.log.bytes, grown }));
await opened.close();
await Deno.remove(data, { recursive: true });
