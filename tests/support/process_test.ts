import assert from "node:assert/strict";
import { run, start } from "./process.ts";

Deno.test("A line of a program is found whether it was printed before or after the wait began", async () => {
  await using program = start("sh", ["-c", "echo one; sleep 0.1; echo two >&2; exec sleep 60"]);
  assert.equal(await program.line("two"), "two");
  assert.equal(await program.line(/^o/), "one");
  assert.deepEqual(await program.lines(() => true, 2), ["one", "two"]);
});

Deno.test("A wait for more lines ignores those that were printed before", async () => {
  await using program = start("sh", [
    "-c",
    "trap 'echo caught' INT; echo caught; echo ready; while :; do sleep 0.01; done",
  ]);
  await program.line("ready");
  const further = program.furtherLines("caught", 1);
  program.signal("SIGINT");
  await further;
  assert.deepEqual(program.output, ["caught", "ready", "caught"]);
});

Deno.test("A wait for a line that is never printed fails with what was printed instead", async () => {
  await using program = start("sh", ["-c", "echo hello; exec sleep 60"]);
  await program.line("hello");
  await assert.rejects(program.line("goodbye", { timeout: 20 }), /"goodbye" within 20 ms.*\n {2}hello/);
});

Deno.test("A wait for a line fails when its program ends", async () => {
  await using program = start("sh", ["-c", "echo hello; exit 3"]);
  await assert.rejects(program.line("goodbye"), /before it ended.*\n {2}hello/);
  assert.equal((await program.exit()).code, 3);
  await assert.rejects(program.line("goodbye"), /before it ended/);
});

Deno.test("A program that reads its stdin is run to its end", async () => {
  const { stdout, stderr, code } = await run("sh", ["-c", "cat; echo done >&2"], { input: "a\nb" });
  assert.deepEqual({ stdout, stderr, code }, { stdout: "a\nb", stderr: "done\n", code: 0 });
});

Deno.test("A program gets signals, and is ended when it goes out of scope", async () => {
  let pid: number;
  {
    await using program = start("sh", [
      "-c",
      "trap 'echo caught' INT; echo ready; while :; do sleep 0.01; done",
    ]);
    await program.line("ready");
    program.signal("SIGINT");
    await program.line("caught");
    pid = program.pid;
  }
  assert.throws(() => Deno.kill(pid, "SIGCONT"), Deno.errors.NotFound);
});
