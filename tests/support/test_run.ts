/** `deno test` in a process of its own, and what it came to. */

/** What a run came to, as `deno test` reports it. */
export interface Totals {
  passed: number;
  failed: number;
  ignored: number;
}

/** A run and the code it ended with. */
export type Run = Totals & { code: number; /** What each file came to. */ files: Map<string, Totals> };

/** Runs `deno test` with these arguments beside its own. */
export async function denoTest(
  args: string[],
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<Run> {
  const report = Deno.makeTempFileSync({ prefix: "hopper-junit-" });
  try {
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", `--junit-path=${report}`, ...args],
      env,
      signal,
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn().status;
    const junit = Deno.readTextFileSync(report);
    const totals = readTotals(junit);
    // A file that does not load, or an interruption, fails the run without a failed test.
    return {
      ...totals,
      failed: code === 0 ? totals.failed : Math.max(totals.failed, 1),
      code,
      files: readFiles(junit),
    };
  } finally {
    Deno.removeSync(report);
  }
}

/**
 * Runs test files beside one another. On a busy machine they are in each other's way, so that files of which something
 * failed are run once more, one after the other: that is what counts, and it is said.
 */
export async function denoTestBeside(
  args: string[],
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<Run> {
  const first = await denoTest(["--parallel", ...args], env, signal);
  const failed = [...first.files].filter(([, { failed }]) => failed > 0);
  if (first.code === 0 || failed.length === 0 || signal.aborted) return first;
  const names = failed.map(([name]) => name);
  console.error(`\n*** FAILED BESIDE OTHERS, now by themselves: ${names.join(" ")}\n`);
  const options = args.filter((arg) => !isPath(arg) && !arg.startsWith("--ignore"));
  const second = await denoTest([...options, ...names], env, signal);
  const before = failed.reduce((sum, [, { passed }]) => sum + passed, 0);
  console.error(
    `\n*** ${names.length} file(s) failed beside others; by themselves: ${second.failed} failed\n`,
  );
  return { ...second, passed: first.passed - before + second.passed, ignored: first.ignored };
}

/** Whether an argument of `deno test` says what to run, and not how. */
export function isPath(arg: string): boolean {
  if (arg.startsWith("-")) return false;
  try {
    return Boolean(Deno.statSync(arg));
  } catch {
    return false;
  }
}

/** Adds up a JUnit report. */
export function readTotals(junit: string): Totals {
  const totals: Totals = { passed: 0, failed: 0, ignored: 0 };
  for (const { passed, failed, ignored } of readFiles(junit).values()) {
    totals.passed += passed;
    totals.failed += failed;
    totals.ignored += ignored;
  }
  return totals;
}

/** What each file of a JUnit report came to: `<testsuite name="…" tests="3" disabled="1" errors="0" failures="1">`. */
export function readFiles(junit: string): Map<string, Totals> {
  const files = new Map<string, Totals>();
  for (const [suite] of junit.matchAll(/<testsuite .*?>/g)) {
    const text = (name: string) => suite.match(new RegExp(` ${name}="([^"]*)"`))?.[1] ?? "";
    const count = (name: string) => Number(text(name));
    const failed = count("errors") + count("failures");
    const passed = count("tests") - count("disabled") - failed;
    files.set(text("name"), { passed, failed, ignored: count("disabled") });
  }
  return files;
}

/** Aborts on SIGINT or SIGTERM, which end the tests but not this program: it has a node to stop first. */
export function interruptions(): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const signals: Deno.Signal[] = ["SIGINT", "SIGTERM"];
  const abort = () => controller.abort();
  for (const signal of signals) Deno.addSignalListener(signal, abort);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const signal of signals) Deno.removeSignalListener(signal, abort);
    },
  };
}
