/**
 * The program behind `deno task test`: one RabbitMQ node for the whole run, then `deno test`, and then what is
 * end to end again on the embedded broker.
 *
 * Arguments go to `deno test`; without a path among them everything runs but what has a task of its own.
 */

import { leaveOut, MANAGEMENT, rabbitmqInstalled, startRabbitmq } from "./rabbitmq.ts";

/** Minutes long, so run by tasks of their own. */
const OWN_TASKS = ["tests/faults/", "tests/bench/"];

/** What runs on both brokers: everything that speaks to one only as its users do. */
const END_TO_END = [
  "tests/dispatch/",
  "tests/client/",
  "tests/link/",
  "tests/tutorial/",
  "tests/cli/",
  "tests/app/",
  "tests/app_test.ts",
];

/** What a run came to, as `deno test` reports it. */
interface Totals {
  passed: number;
  failed: number;
  ignored: number;
}

/** A run and the code it ended with. */
type Run = Totals & { code: number };

async function run(args: string[]): Promise<number> {
  using interruption = interruptions();
  const { signal } = interruption;
  const chosen = args.some(isPath);
  const all = chosen ? args : [...args, `--ignore=${OWN_TASKS}`, "tests/"];
  const runs = [await onRabbitmq(all, signal)];
  if (!chosen && !signal.aborted) {
    console.log("\nThe same functions, clients and commands once more, on the embedded broker");
    runs.push(await denoTest([...args, ...END_TO_END], { HOPPER_TEST_BROKER: "embedded" }, signal));
  }
  const sum = (count: keyof Totals) => runs.reduce((total, run) => total + run[count], 0);
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed`);
  // What the second pass leaves out asks RabbitMQ itself, and has run there.
  const leftOut = runs[0]!.ignored;
  if (leftOut > 0) console.error(`*** ${leftOut} LEFT OUT: see above what is missing`);
  return runs.find(({ code }) => code !== 0)?.code ?? 0;
}

async function onRabbitmq(args: string[], signal: AbortSignal): Promise<Run> {
  if (!rabbitmqInstalled()) {
    leaveOut("RabbitMQ", "rabbitmq-server");
    return await denoTest(args, {}, signal);
  }
  await using node = await startRabbitmq({ plugins: MANAGEMENT });
  return await denoTest(
    args,
    { HOPPER_TEST_AMQP_URL: node.url, HOPPER_TEST_RABBITMQ_HTTP: node.http! },
    signal,
  );
}

async function denoTest(args: string[], env: Record<string, string>, signal: AbortSignal): Promise<Run> {
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

function isPath(arg: string): boolean {
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
function interruptions(): { signal: AbortSignal } & Disposable {
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

if (import.meta.main) Deno.exitCode = await run(Deno.args);
