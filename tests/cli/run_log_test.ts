import assert from "node:assert/strict";
import { createRunLog, type RunLogOptions } from "../../runtime/cli/run_log.ts";
import type { Event } from "../../runtime/core/ports/events.ts";
import { LineWriter } from "../../runtime/observe/line_writer.ts";
import { observedRun } from "../support/observed_run.ts";

/** Lines, and what is written of them so far. */
function collected() {
  const lines: string[] = [];
  const writer = new LineWriter({
    write(bytes) {
      lines.push(...new TextDecoder().decode(bytes).trimEnd().split("\n"));
      return Promise.resolve(bytes.length);
    },
  }, String);
  return { writer, printed: async () => (await writer.close(1_000), lines) };
}

/** A log on a terminal, and what it has printed so far. */
function logInto(format: "text" | "json", options: Partial<RunLogOptions> = {}) {
  const { writer, printed } = collected();
  return { log: createRunLog(writer, { format, ...options }), printed };
}

const run = observedRun({ id: "r-1" });
const handled: Event = { event: "handled", function: "f", messageId: "m-1", run, attempt: 1, ms: 1 };
const failed: Event = { ...handled, event: "failed", error: "Error: No" };
const attached: Event = { event: "attached", function: "a", queue: "a" };
const withoutTime = (lines: string[]) => lines.map((line) => line.replace(/^[\d :-]+(?=[^\d ])/, ""));

Deno.test("Before the banner only those events are logged that it does not show", async () => {
  const { log, printed } = logInto("text");
  log.write({ event: "attached", function: "a", queue: "a" });
  log.write({ event: "problem", file: "b.ts", message: "Not good", fix: "write: …" });
  log.write({ event: "notice", message: "Health is not served" });
  log.start(() => "BANNER");
  log.write({ event: "attached", function: "c", queue: "c" });

  const lines = (await printed()).map((line) => line.replace(/^\d\d:\d\d:\d\d /, ""));
  assert.deepEqual(lines, ["! Health is not served", "BANNER", "+ c attached (queue c)"]);
});

Deno.test("A log in JSON has no banner and contains all events", async () => {
  const { log, printed } = logInto("json");
  log.write({ event: "attached", function: "a", queue: "a" });
  log.start(() => "BANNER");

  const [line, ...others] = await printed();
  assert.equal(JSON.parse(line!).event, "attached");
  assert.deepEqual(others, []);
});

Deno.test("A quiet log leaves out successful runs, and nothing else", async () => {
  for (const format of ["text", "json"] as const) {
    const { log, printed } = logInto(format, { quiet: true });
    log.start(() => "BANNER");
    const retrying: Event = { ...failed, event: "retrying", retryMs: 5 };
    const said: Event = {
      event: "log",
      level: "info",
      function: "f",
      messageId: "m-1",
      run,
      message: "Hello",
    };
    for (const event of [attached, handled, said, failed, retrying]) log.write(event);

    const lines = (await printed()).filter((line) => line !== "BANNER");
    assert.equal(lines.length, 4, lines.join("\n"));
    assert.deepEqual(lines.map((line) => / m-1|"m-1"/.test(line)), [false, true, true, true]);
  }
});

Deno.test("A log in a file has every line, with its date, and leaves only the banner to the terminal", async () => {
  const file = collected();
  const { log, printed } = logInto("text", { file: file.writer });
  log.write(attached);
  log.start(() => "BANNER");
  log.write(handled);

  assert.deepEqual(await printed(), ["BANNER"]);
  const lines = await file.printed();
  assert.deepEqual(withoutTime(lines), ["+ a attached (queue a)", "✓ f 1 ms attempt 1 m-1"]);
  for (const line of lines) assert.match(line, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /);
});

Deno.test("A log in JSON in a file leaves the banner to the terminal too", async () => {
  const file = collected();
  const { log, printed } = logInto("json", { file: file.writer });
  log.start(() => "BANNER");
  log.write(handled);

  assert.deepEqual(await printed(), ["BANNER"]);
  assert.equal(JSON.parse((await file.printed())[0]!).event, "handled");
});

Deno.test("The lines on the terminal can be switched off and on again", async () => {
  const { log, printed } = logInto("text");
  log.start(() => "BANNER");
  const states = [log.toggle()];
  log.write(handled);
  states.push(log.toggle());
  log.write(failed);

  assert.deepEqual(states, [false, true]);
  assert.deepEqual(withoutTime(await printed()), ["BANNER", "✗ f 1 ms attempt 1 m-1 Error: No run r-1"]);
});
