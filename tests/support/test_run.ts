/** `deno test` in a process of its own, and what it came to. */

import { stripVTControlCharacters } from "node:util";

/** What a run came to, as `deno test` reports it. */
export interface Totals {
  passed: number;
  failed: number;
  ignored: number;
}

/** One test of a report; a step's name is its test's with ` > ` and its own. */
export interface Case {
  readonly name: string;
  readonly outcome: keyof Totals;
}

/** A run, the code it ended with, and its tests one by one. */
export type Run = Totals & {
  readonly code: number;
  readonly cases: readonly Case[];
  /** Whether a file failed beside its tests, as one that does not load: of its tests a report says nothing. */
  readonly broken: boolean;
  /** The files with a test that failed. A report names the file in which `Deno.test` is called, be it a helper. */
  readonly failedFiles: readonly string[];
};

/** Runs `deno test` with these arguments beside its own. Types are the matter of `deno task check`, and not checked here. */
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
    // A file that does not load, or an interruption, fails the run without a failed test.
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

/** Passes on what `deno test` prints, and says which files failed, and whether one failed beside its tests. */
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
    // No line that matters is longer.
    rest = lines.pop()!.slice(-10_000);
    for (const line of lines) {
      broken ||= line.includes(says);
      const failed = failedFile(line);
      if (failed !== undefined) failedFiles.add(failed);
    }
  }
  return { broken: broken || rest.includes(says), failedFiles: [...failedFiles] };
}

/** The file of a test that failed, from a line such as `./tests/x_test.ts => A title ... FAILED (2s)`. */
export function failedFile(line: string): string | undefined {
  return /^\.\/(\S+_test\.ts) => .* \.\.\. FAILED/.exec(stripVTControlCharacters(line))?.[1];
}

/**
 * Runs test files beside one another. On a busy machine they are in each other's way, so that tests that failed are run
 * once more, one file after the other: that is what counts, and it is said.
 */
export async function denoTestBeside(
  args: string[],
  env: Record<string, string>,
  signal: AbortSignal,
  output: "inherit" | "null" = "inherit",
): Promise<Run> {
  const first = await denoTest(["--parallel", ...args], env, signal, output);
  const failed = failedTests(first.cases);
  if (first.code === 0 || first.broken || failed.length === 0 || signal.aborted) return first;
  const say = output === "inherit" ? console.error : () => {};
  say(`\n*** FAILED BESIDE OTHERS, now by themselves:\n    ${failed.join("\n    ")}\n`);
  const where = first.failedFiles.length > 0
    ? [...args.filter((arg) => !isPath(arg) && !arg.startsWith("--ignore")), ...first.failedFiles]
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

/** The tests that failed, by name; steps are part of theirs. */
export function failedTests(cases: readonly Case[]): string[] {
  const failed = cases.filter(({ outcome }) => outcome === "failed").map(({ name }) => name);
  return [...new Set(failed)].filter((name) => !failed.some((test) => test !== name && isOf(name, test)));
}

function isOf(name: string, test: string): boolean {
  return name === test || name.startsWith(`${test} > `);
}

/** What `deno test` filters these tests by. */
function named(tests: readonly string[]): string {
  const escaped = tests.map((name) =>
    name.replaceAll(/[^\w\s]/g, (other) => /[ -~]/.test(other) ? `\\${other}` : other)
  );
  return `/^(?:${escaped.join("|")})$/`;
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

/** Counts tests by how they ended. */
export function addUp(cases: readonly Case[]): Totals {
  const totals: Totals = { passed: 0, failed: 0, ignored: 0 };
  for (const { outcome } of cases) totals[outcome]++;
  return totals;
}

/** What several runs came to. */
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
