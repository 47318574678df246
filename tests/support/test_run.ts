/** Runs `deno test` in its own process, and returns its result. */

import { stripVTControlCharacters } from "node:util";

/** The result of a run, as `deno test` reports it. */
export interface Totals {
  passed: number;
  failed: number;
  ignored: number;
}

/** One test of a report. The name of a step is the name of its test, ` > ` and its own name. */
export interface Case {
  readonly name: string;
  readonly outcome: keyof Totals;
}

/** The result of a run, its exit code, and its tests one by one. */
export type Run = Totals & {
  readonly code: number;
  readonly cases: readonly Case[];
  /**
   * Whether a file failed outside of its tests, for example because it does not load. A report has no tests of such a
   * file.
   */
  readonly broken: boolean;
  /** The files with a failed test. A report names the file in which `Deno.test` is called, which may be a helper. */
  readonly failedFiles: readonly string[];
};

/** Runs `deno test` with these arguments added to its own. Types are not checked here, but by `deno task check`. */
export async function denoTest(
  args: string[],
  env: Record<string, string>,
  signal: AbortSignal,
  output: "inherit" | "null" = "inherit",
): Promise<Run> {
  const report = Deno.makeTempFileSync({ prefix: "hopper-junit-" });
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--no-check", `--junit-path=${report}`, ...args],
      env: Deno.stdout.isTerminal() ? { FORCE_COLOR: "1", ...env } : env,
      signal,
      stdin: "null",
      stdout: "piped",
      stderr: output,
    }).spawn();
    const { broken, failedFiles } = await passedOn(child.stdout, output);
    const { code } = await child.status;
    const cases = readCases(Deno.readTextFileSync(report));
    const totals = addUp(cases);
    // A file that does not load, or an interruption, makes the run fail without a failed test.
    return {
      ...totals,
      failed: code === 0 ? totals.failed : Math.max(totals.failed, 1),
      code,
      cases,
      broken,
      failedFiles,
    };
  } finally {
    Deno.removeSync(report);
  }
}

/**
 * Forwards the output of `deno test`, and returns which files failed, and whether one failed outside of its tests.
 */
async function passedOn(
  printed: ReadableStream<Uint8Array>,
  output: "inherit" | "null",
): Promise<Pick<Run, "broken" | "failedFiles">> {
  const says = "Uncaught error from ";
  const decoder = new TextDecoder();
  const failedFiles = new Set<string>();
  let broken = false;
  let rest = "";
  for await (const bytes of printed) {
    for (let left = bytes; output === "inherit" && left.length > 0;) {
      left = left.subarray(await Deno.stdout.write(left));
    }
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    // Lines that matter are not longer.
    rest = lines.pop()!.slice(-10_000);
    for (const line of lines) {
      broken ||= line.includes(says);
      const failed = failedFile(line);
      if (failed !== undefined) failedFiles.add(failed);
    }
  }
  return { broken: broken || rest.includes(says), failedFiles: [...failedFiles] };
}

/** The file of a failed test, from a line such as `./tests/x_test.ts => A title ... FAILED (2s)`. */
export function failedFile(line: string): string | undefined {
  return /^\.\/(\S+_test\.ts) => .* \.\.\. FAILED/.exec(stripVTControlCharacters(line))?.[1];
}

/**
 * Runs test files at the same time. On a busy machine they disturb each other, so tests that failed are run again,
 * one file after the other. That second result counts, and the output says so.
 */
export async function denoTestBeside(
  args: string[],
  env: Record<string, string>,
  signal: AbortSignal,
  output: "inherit" | "null" = "inherit",
): Promise<Run> {
  const first = await denoTest(
    ["--parallel", ...args.filter((arg) => arg !== "--parallel")],
    env,
    signal,
    output,
  );
  const failed = failedTests(first.cases);
  if (first.code === 0 || first.broken || failed.length === 0 || signal.aborted) return first;
  const say = output === "inherit" ? console.error : () => {};
  say(`\n*** FAILED BESIDE OTHERS, now by themselves:\n    ${failed.join("\n    ")}\n`);
  const where = first.failedFiles.length > 0
    ? [
      ...args.filter((arg) => !isPath(arg) && !arg.startsWith("--ignore") && arg !== "--parallel"),
      ...first.failedFiles,
    ]
    : args;
  const second = await denoTest([...where, `--filter=${named(failed)}`], env, signal, output);
  const again = new Set(second.cases.map(({ name }) => name));
  const unseen = failed.filter((name) => !again.has(name)).length;
  const stillFailed = second.failed + unseen;
  say(`\n*** ${failed.length} failed beside others; by themselves: ${stillFailed} failed\n`);
  const kept = addUp(first.cases.filter(({ name }) => !failed.some((test) => isOf(name, test))));
  return {
    passed: kept.passed + second.passed,
    failed: stillFailed,
    ignored: first.ignored,
    code: unseen === 0 ? second.code : 1,
    cases: second.cases,
    broken: second.broken,
    failedFiles: second.failedFiles,
  };
}

/** The names of the failed tests. Steps belong to their tests. */
export function failedTests(cases: readonly Case[]): string[] {
  const failed = cases.filter(({ outcome }) => outcome === "failed").map(({ name }) => name);
  return [...new Set(failed)].filter((name) => !failed.some((test) => test !== name && isOf(name, test)));
}

function isOf(name: string, test: string): boolean {
  return name === test || name.startsWith(`${test} > `);
}

/** The filter of `deno test` that selects these tests. */
function named(tests: readonly string[]): string {
  const escaped = tests.map((name) =>
    name.replaceAll(/[^\w\s]/g, (other) => /[ -~]/.test(other) ? `\\${other}` : other)
  );
  return `/^(?:${escaped.join("|")})$/`;
}

/** Whether an argument of `deno test` is a path to run. */
export function isPath(arg: string): boolean {
  if (arg.startsWith("-")) return false;
  try {
    return Boolean(Deno.statSync(arg));
  } catch {
    return false;
  }
}

/** Counts tests by their outcome. */
export function addUp(cases: readonly Case[]): Totals {
  const totals: Totals = { passed: 0, failed: 0, ignored: 0 };
  for (const { outcome } of cases) totals[outcome]++;
  return totals;
}

/** The sum of several runs. */
export function addTotals(runs: readonly Totals[]): Totals {
  const sum = (count: keyof Totals) => runs.reduce((total, run) => total + run[count], 0);
  return { passed: sum("passed"), failed: sum("failed"), ignored: sum("ignored") };
}

/** The tests of a JUnit report: `<testcase name="…">…</testcase>`. */
export function readCases(junit: string): Case[] {
  const cases = /<testcase name="([^"]*)" [^>]*?(?:\/>|>(.*?)<\/testcase>)/gs;
  return [...junit.matchAll(cases)].map(([, name, said = ""]) => ({
    name: unescaped(name!),
    outcome: outcomeOf(said),
  }));
}

function outcomeOf(said: string): keyof Totals {
  if (/<(?:failure|error)\b/.test(said)) return "failed";
  return /<skipped\b/.test(said) ? "ignored" : "passed";
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function unescaped(text: string): string {
  return text.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => entities[entity]!);
}

/** Aborts on SIGINT or SIGTERM. They end the tests but not this program, which must stop a node first. */
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
