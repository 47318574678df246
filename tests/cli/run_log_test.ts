import assert from "node:assert/strict";
import { createRunLog } from "../../runtime/cli/run_log.ts";
import { LineWriter } from "../../runtime/observe/line_writer.ts";

/** A log, and what it has printed so far. */
function logInto(format: "text" | "json") {
  const lines: string[] = [];
  const out = new LineWriter({
    write(bytes) {
      lines.push(...new TextDecoder().decode(bytes).trimEnd().split("\n"));
      return Promise.resolve(bytes.length);
    },
  }, String);
  return { log: createRunLog(format, out), printed: async () => (await out.close(1_000), lines) };
}

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
