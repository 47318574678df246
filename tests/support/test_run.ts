/** `deno test` in a process of its own, and what it came to. */

/** What a run came to, as `deno test` reports it. */
export interface Totals {
  passed: number;
  failed: number;
  ignored: number;
}

/** A run and the code it ended with. */
export type Run = Totals & { code: number };

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
    const totals = readTotals(Deno.readTextFileSync(report));
    // A file that does not load, or an interruption, fails the run without a failed test.
    return { ...totals, failed: code === 0 ? totals.failed : Math.max(totals.failed, 1), code };
  } finally {
    Deno.removeSync(report);
  }
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

/** Adds up a JUnit report: `<testsuite name="…" tests="3" disabled="1" errors="0" failures="1">`. */
export function readTotals(junit: string): Totals {
  const totals: Totals = { passed: 0, failed: 0, ignored: 0 };
  for (const [suite] of junit.matchAll(/<testsuite .*?>/g)) {
    const count = (name: string) => Number(suite.match(new RegExp(` ${name}="(\\d+)"`))?.[1] ?? 0);
    const failed = count("errors") + count("failures");
    totals.failed += failed;
    totals.ignored += count("disabled");
    totals.passed += count("tests") - count("disabled") - failed;
  }
  return totals;
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
