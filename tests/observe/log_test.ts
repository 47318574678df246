import assert from "node:assert/strict";
import fc from "fast-check";
import { HeaderTable } from "../../runtime/amqp/header_table.ts";
import type { Event } from "../../runtime/core/ports/events.ts";
import { formatJson, formatText, levelOf } from "../../runtime/observe/log.ts";
import { observedRun } from "../support/observed_run.ts";

const now = "12:34:56";
const about = { function: "billing.charge", messageId: "m-1", run: observedRun({ id: "r-1" }) };
const run = { ...about, attempt: 1, ms: 12 };
const broker = "amqp://guest@127.0.0.1:5672";

/** One of every event. */
const events: Event[] = [
  { event: "connecting", connection: "consumers", broker, attempt: 1, error: "ECONNREFUSED", retryMs: 250 },
  { event: "connected", connection: "consumers", broker },
  { event: "disconnected", connection: "publisher", broker, error: "Closed" },
  { event: "ready", functions: 3, problems: 0, ms: 41 },
  {
    event: "problem",
    file: "functions/a.ts",
    line: 3,
    column: 7,
    message: "No trigger exported",
    fix: "write: …",
  },
  { event: "notice", message: "a and b compete" },
  { event: "attached", function: "billing.charge", queue: "charge" },
  { event: "detached", function: "billing.charge", error: "404", retryMs: 250 },
  { event: "started", ...about },
  { event: "handled", ...run },
  { event: "failed", ...run, error: "Error: boom", stack: "Error: boom\n    at charge.ts:1:1" },
  { event: "expired", ...run },
  { event: "duplicate", ...about },
  { event: "retrying", ...about, attempt: 1, retryMs: 1000, error: "Error: boom" },
  { event: "dead-lettered", ...about, queue: "charge.dead", error: "Error: boom" },
  { event: "dropped", ...about, error: "Error: boom" },
  { event: "unanswered", ...about, error: "Error: boom" },
  { event: "unrouted", function: "place", exchange: "orders", routingKey: "order.created", count: 1 },
  { event: "log", level: "info", ...about, message: "Charged", data: { amount: 5 } },
  { event: "draining", inFlight: 2 },
  { event: "drained", finished: 2, putBack: 0, seconds: 0.4 },
];

const log = (message: string, data?: unknown): Event =>
  ({ event: "log", level: "info", ...about, message, data }) as Event;
// Everything that can end a line or control a terminal.
// deno-lint-ignore no-control-regex
const control = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;

Deno.test("Every event is one JSON object on one line, with time, level and event first", () => {
  for (const event of events) {
    const line = formatJson(event, now);
    assert.doesNotMatch(line, /\n/);
    const fields = "run" in event ? { ...event, run: "r-1", attempt: 1 } : event;
    assert.deepEqual(JSON.parse(line), { time: now, level: levelOf(event), ...fields });
    assert.deepEqual(Object.keys(JSON.parse(line)).slice(0, 3), ["time", "level", "event"]);
  }
});

Deno.test("A text line has the time of day, and the function or file that it is about", () => {
  const line = (event: Event) => formatText(event, now)?.replace(/^\d\d:\d\d:\d\d /, "");

  assert.equal(formatText(log("Charged"), now), "12:34:56 │ billing.charge Charged attempt 1 m-1");
  assert.equal(line(log("Charged", { amount: 5 })), '│ billing.charge Charged {"amount":5} attempt 1 m-1');
  assert.equal(
    line({ event: "log", level: "warn", function: "billing.charge", message: "Outside of a run" }),
    "! billing.charge Outside of a run",
  );
  assert.equal(line({ event: "handled", ...run }), "✓ billing.charge 12 ms attempt 1 m-1");
  assert.equal(
    line({ event: "handled", ...run, batch: 10 }),
    "✓ billing.charge 12 ms batch of 10 attempt 1 m-1",
  );
  assert.equal(
    line({ event: "failed", ...run, error: "Error: boom" }),
    "✗ billing.charge 12 ms attempt 1 m-1 Error: boom run r-1",
  );
  assert.equal(
    line({
      event: "problem",
      file: "functions/a.ts",
      line: 3,
      message: "No trigger exported",
      fix: "write: …",
    }),
    "✗ functions/a.ts:3  No trigger exported; write: …",
  );
  const unrouted = {
    event: "unrouted",
    function: "place",
    exchange: "orders",
    routingKey: "order.created",
  } as const;
  assert.equal(
    line({ ...unrouted, count: 1 }),
    "! place published 'order.created' to exchange 'orders', and no queue took it; more of them are only counted",
  );
  assert.equal(
    line({ ...unrouted, exchange: "", count: 7 }),
    "! place published 'order.created' to the default exchange, and no queue took it (7 so far)",
  );
  assert.equal(line({ event: "draining", inFlight: 2 }), "stopping: 2 in flight");
});

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";

Deno.test("Every line of a run has its function, message id, attempt and trace id, and in JSON the run's id", () => {
  const traced = observedRun({ id: "r-9", attempt: 2, traceId });
  for (const event of events.filter((event) => "run" in event && event.event !== "started")) {
    const of = { ...event, run: traced, ...("attempt" in event ? { attempt: 2 } : {}) } as Event;
    const { function: name, messageId, run, attempt, traceId: trace } = JSON.parse(formatJson(of, now));
    assert.deepEqual([name, messageId, run, attempt, trace], ["billing.charge", "m-1", "r-9", 2, traceId]);
    assert.match(
      formatText(of, now)!.split("\n")[0]!,
      new RegExp(` billing\\.charge .*attempt 2 m-1\\b.* trace ${traceId}$`),
    );
  }
});

Deno.test("A line of a run has nothing of its message's body, headers and properties", () => {
  const secret = observedRun({
    id: "r-1",
    headers: HeaderTable.of({ "x-key": "s3cret" }),
    message: { body: new TextEncoder().encode("s3cret"), replyTo: "s3cret", appId: "s3cret" },
  });
  for (const event of events.filter((event) => "run" in event)) {
    const of = { ...event, run: secret } as Event;
    assert.doesNotMatch(`${formatJson(of, now)}${formatText(of, now)}`, /s3cret|x-key/);
  }
});

Deno.test("Every event has a text line, except those that another line already shows", () => {
  const silent = events.filter((event) => formatText(event, now) === undefined).map(({ event }) => event);
  assert.deepEqual(silent, ["ready", "started"]);
  assert.equal(formatText({ event: "connected", connection: "publisher", broker }, now), undefined);
});

Deno.test("Each event has a level", () => {
  const loud = (level: string) =>
    events.filter((event) => levelOf(event) === level).map(({ event }) => event);

  assert.deepEqual(loud("error"), ["problem", "failed"]);
  assert.deepEqual(loud("warn"), [
    "connecting",
    "disconnected",
    "notice",
    "detached",
    "expired",
    "retrying",
    "dead-lettered",
    "dropped",
    "unanswered",
  ]);
  const unrouted = { event: "unrouted", function: "place", exchange: "orders", routingKey: "a" } as const;
  assert.equal(levelOf({ ...unrouted, count: 1 }), "info");
  assert.equal(levelOf({ ...unrouted, count: 2 }), "debug", "said once");
  for (const level of ["debug", "info", "warn", "error"] as const) {
    assert.equal(levelOf({ event: "log", level, ...about, message: "x" }), level);
  }
});

Deno.test("A text line is followed by the stack frames of the function's files", () => {
  const stack =
    "Error: boom\n    at file:///f/a.ts:1:2\n    at ext:core/a.js:1:1\n    at b (file:///f/b.ts:3:4)";
  assert.equal(
    formatText({
      event: "failed",
      ...about,
      ms: 12,
      attempt: 1,
      error: "Error: boom",
      at: "f/a.ts:1:2",
      stack,
    }, now),
    "12:34:56 ✗ billing.charge 12 ms attempt 1 m-1 Error: boom (f/a.ts:1:2) run r-1\n" +
      "           at file:///f/a.ts:1:2\n           at b (file:///f/b.ts:3:4)",
  );
  assert.equal(
    formatText(log("Lost\n    at file:///f/a.ts:1:2\u001b\n09:00:00 ✓ forged"), now),
    "12:34:56 │ billing.charge Lost attempt 1 m-1\n           at file:///f/a.ts:1:2\\x1b\\x0a09:00:00 ✓ forged",
  );
});

Deno.test("A message cannot end its line or control the terminal", () => {
  const hostile = 'fine\r\n{"level":"error"}\x1b[2J\x9b31m\x7f\u0085\u2028end';

  const text = formatText(log(hostile, { hostile }), now)!;
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text, /[\x00-\x1f\x7f-\x9f]/);
  assert.match(text, /fine\\x0d\\x0a.*\\x1b\[2J\\x9b31m\\x7f\\x85/);

  const json = formatJson(log(hostile, { hostile }), now);
  assert.doesNotMatch(json, control);
  assert.equal(JSON.parse(json).message, hostile);
});

Deno.test("Any text in any event is one line of JSON that parses to the same text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const json = formatJson(log(text, { [text]: text }), now);
    assert.doesNotMatch(json, control);
    assert.equal(JSON.parse(json).message, text);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(formatText(log(text), now)!, /[\x00-\x1f\x7f-\x9f]/);
  }));
});

Deno.test("Errors and bigints in the data of a log line are written", () => {
  const data = { error: new TypeError("no"), count: 2n ** 64n };

  assert.deepEqual(JSON.parse(formatJson(log("x", data), now)).data, {
    error: "TypeError: no",
    count: "18446744073709551616",
  });
  assert.match(
    formatText(log("x", data), now)!,
    /{"error":"TypeError: no","count":"18446744073709551616"} attempt 1 m-1$/,
  );
});

Deno.test("If the data of a log line cannot be written, the line is written without it", () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const throwing = {
    toJSON() {
      throw new Error("no");
    },
  };
  for (const data of [circular, throwing]) {
    const line = JSON.parse(formatJson(log("Charged", data), now));
    assert.deepEqual([line.message, line.data], ["Charged", "(data that JSON cannot hold)"]);
    assert.match(
      formatText(log("Charged", data), now)!,
      /Charged \(data that JSON cannot hold\) attempt 1 m-1$/,
    );
  }
});

Deno.test("Writing a log line never throws, whatever its data", () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true }), (data) => {
      assert.equal(JSON.parse(formatJson(log("x", data), now)).message, "x");
      assert.ok(formatText(log("x", data), now));
    }),
  );
});
