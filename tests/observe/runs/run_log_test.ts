import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import type { ObservedRun } from "../../../runtime/core/ports/observed_run.ts";
import type { KeepPayloads, RunRecord } from "../../../runtime/observe/runs/record.ts";
import { type RunLimits, RunLog } from "../../../runtime/observe/runs/run_log.ts";
import { observedRun } from "../../support/observed_run.ts";

const nobody = { ended: () => {}, dropped: () => {} };
const open = (keep: KeepPayloads = true, limits?: RunLimits) => new RunLog(keep, nobody, limits);

const run = (id: string, body = "hello"): ObservedRun =>
  observedRun({ id, message: { id: `m-${id}`, body: new TextEncoder().encode(body) } });
const about = (run: ObservedRun) => ({ function: "work", messageId: run.message.id, run });
const start = (log: RunLog, run: ObservedRun) => log.take({ event: "started", ...about(run) });
const succeed = (log: RunLog, run: ObservedRun) => {
  start(log, run);
  log.take({ event: "handled", ...about(run), attempt: 1, ms: 5 });
};
const fail = (log: RunLog, run: ObservedRun, error = "Error: boom") => {
  start(log, run);
  log.take({
    event: "failed",
    ...about(run),
    attempt: 1,
    ms: 5,
    error,
    stack: `${error}\n    at work.ts:1:1`,
  });
};
const ids = (records: readonly RunRecord[]) => records.map(({ id }) => id);

Deno.test("A run is running from its start to its end", () => {
  const log = open();
  const one = run("1");

  start(log, one);
  assert.equal(log.get("1")?.status, "running");
  assert.equal(log.get("1")?.endedAt, undefined);
  log.take({ event: "handled", ...about(one), attempt: 1, ms: 5 });
  assert.equal(log.get("1")?.status, "ok");
  assert.ok(log.get("1")!.endedAt! >= log.get("1")!.startedAt!);
});

Deno.test("A run that failed shows its error, and what became of its message", () => {
  const log = open();
  const [one, two] = [run("1"), run("2")];

  fail(log, one);
  log.take({ event: "retrying", ...about(one), attempt: 1, retryMs: 1000, error: "Error: boom" });
  fail(log, two);
  log.take({ event: "dead-lettered", ...about(two), queue: "work.dead", error: "Error: boom" });

  assert.deepEqual(log.latest().map(({ status }) => status), ["dead", "retrying"]);
  assert.equal(log.get("2")?.deadLetterQueue, "work.dead");
  assert.equal(log.get("1")?.error, "Error: boom");
  assert.match(log.get("1")!.stack!, /work\.ts:1:1/);
});

Deno.test("A message that was not run is there too, without a start", () => {
  const log = open();
  log.take({ event: "expired", ...about(run("1")), attempt: 1, ms: 0 });
  log.take({ event: "duplicate", ...about(run("2")) });

  assert.deepEqual(log.latest().map(({ status, startedAt }) => [status, startedAt]), [
    ["duplicate", undefined],
    ["expired", undefined],
  ]);
});

Deno.test("A message that its handler gave up stays dead when the handler returns", () => {
  const log = open();
  const one = run("1");
  start(log, one);
  log.take({ event: "dead-lettered", ...about(one), queue: "work.dead", error: "Given up" });
  log.take({ event: "handled", ...about(one), attempt: 1, ms: 5 });

  assert.equal(log.get("1")?.status, "dead");
});

Deno.test("Payloads are kept of all runs, of those that failed, or of none", () => {
  const kept = (keep: KeepPayloads) => {
    const log = open(keep);
    succeed(log, run("1"));
    fail(log, run("2"));
    return log.latest().reverse().map(({ message }) => message && new TextDecoder().decode(message.body));
  };
  assert.deepEqual(kept(true), ["hello", "hello"]);
  assert.deepEqual(kept("failed"), [undefined, "hello"]);
  assert.deepEqual(kept(false), [undefined, undefined]);
});

Deno.test("A payload is a copy, also of a part of a larger buffer, which is not kept", () => {
  const log = open();
  const socket = Buffer.alloc(1024 * 1024, "x");
  const one = observedRun({ id: "1", message: { id: "m", body: socket.subarray(10, 20) } });
  succeed(log, one);
  socket.fill(0);

  const { body } = log.get("1")!.message!;
  assert.equal(new TextDecoder().decode(body), "x".repeat(10));
  assert.ok(body.buffer.byteLength < 100_000);
});

Deno.test("Of a large payload the first 64 KiB are kept, as a copy", () => {
  const log = open();
  const one = run("1", "x".repeat(100_000));
  succeed(log, one);
  one.message.body.fill(0);

  const { message } = log.get("1")!;
  assert.equal(message!.size, 100_000);
  assert.equal(message!.body.length, 65_536);
  assert.equal(message!.body[0], "x".charCodeAt(0));
});

Deno.test("The log lines of a run are kept, at most a hundred, and the others are counted", () => {
  const log = open();
  const one = run("1");
  start(log, one);
  for (let i = 0; i < 103; i++) {
    log.take({ event: "log", level: "info", ...about(one), message: `line ${i}`, data: { i } });
  }

  const { lines, linesLost } = log.get("1")!;
  assert.equal(lines.length, 100);
  assert.deepEqual([lines[0]!.message, lines[0]!.data], ["line 0", '{"i":0}']);
  assert.equal(linesLost, 3);
});

Deno.test("What a handler logs is kept as it was, whatever it does with the object afterwards", () => {
  const log = open();
  const one = run("1");
  const data = { amount: 5 };
  start(log, one);
  log.take({ event: "log", level: "info", ...about(one), message: "Charged", data });
  data.amount = 6;

  assert.equal(log.get("1")!.lines[0]!.data, '{"amount":5}');
});

Deno.test("Data that JSON cannot hold, or that is very long, costs no run", () => {
  const log = open();
  const one = run("1");
  const circle: Record<string, unknown> = { big: 2n ** 70n };
  start(log, one);
  log.take({
    event: "log",
    level: "info",
    ...about(one),
    message: "a",
    data: { ...circle, circle: circle.circle = circle },
  });
  log.take({ event: "log", level: "info", ...about(one), message: "b", data: { long: "x".repeat(10_000) } });

  assert.deepEqual(log.get("1")!.lines.map(({ message, data }) => [message, data]), [
    ["a", undefined],
    ["b", '{"…":"too long to keep"}'],
  ]);
});

Deno.test("When there are too many runs the oldest go, the successful ones first", () => {
  const log = open(true, { runs: 4, bytes: Infinity });
  fail(log, run("f1"));
  for (const id of ["1", "2", "3", "4", "5"]) succeed(log, run(id));

  assert.deepEqual(ids(log.latest()), ["5", "4", "3", "f1"]);
});

Deno.test("Failed runs take at most half of the room from successful ones", () => {
  const log = open(true, { runs: 4, bytes: Infinity });
  for (const id of ["1", "2"]) succeed(log, run(id));
  for (const id of ["f1", "f2", "f3"]) fail(log, run(id));
  succeed(log, run("3"));

  assert.deepEqual(ids(log.latest()), ["3", "f3", "f2", "2"]);
});

Deno.test("When payloads take too many bytes the oldest runs go", () => {
  const log = open(true, { runs: 1000, bytes: 100_000 });
  for (let i = 0; i < 50; i++) succeed(log, run(String(i), "x".repeat(20_000)));

  assert.ok(log.bytes <= 100_000, `${log.bytes} bytes`);
  assert.equal(ids(log.latest())[0], "49");
  assert.ok(log.size >= 3 && log.size <= 5, `${log.size} runs`);
});

Deno.test("A run that was dropped while it ran is kept again when it ends", () => {
  const log = open(true, { runs: 2, bytes: Infinity });
  const slow = run("slow");
  start(log, slow);
  for (const id of ["1", "2", "3"]) succeed(log, run(id));
  assert.equal(log.get("slow"), undefined);
  log.take({ event: "handled", ...about(slow), attempt: 1, ms: 900 });

  assert.equal(log.get("slow")?.status, "ok");
  assert.equal(log.size, 2);
});
