import assert from "node:assert/strict";
import { run, start } from "./process.ts";

Deno.test("A line is found whether it is printed already or still to come", async () => {
  await using program = start("sh", ["-c", "echo one; sleep 0.1; echo two >&2; exec sleep 60"]);
  assert.equal(await program.line("two"), "two");
  assert.equal(await program.line(/^o/), "one");
  assert.deepEqual(await program.lines(() => true, 2), ["one", "two"]);
});

Deno.test("Further lines are none of those that were printed already", async () => {
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

Deno.test("A line that never comes fails with what was printed instead", async () => {
  await using program = start("sh", ["-c", "echo hello; exec sleep 60"]);
  await program.line("hello");
  await assert.rejects(program.line("goodbye", { timeout: 20 }), /"goodbye" within 20 ms.*\n {2}hello/);
});

Deno.test("A program that ends takes the waiting for its lines with it", async () => {
  await using program = start("sh", ["-c", "echo hello; exit 3"]);
  await assert.rejects(program.line("goodbye"), /before it ended.*\n {2}hello/);
  assert.equal((await program.exit()).code, 3);
  await assert.rejects(program.line("goodbye"), /before it ended/);
});

Deno.test("A program reads its input to the end and is run to its own", async () => {
  const { stdout, stderr, code } = await run("sh", ["-c", "cat; echo done >&2"], { input: "a\nb" });
  assert.deepEqual({ stdout, stderr, code }, { stdout: "a\nb", stderr: "done\n", code: 0 });
});

Deno.test("A program is signalled, and ended when it goes out of scope", async () => {
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
