/**
 * The program behind `deno task test`: one RabbitMQ node for the whole run, then `deno test`, and then what is
 * end to end again on the embedded broker.
 *
 * Arguments go to `deno test`; without a path among them everything runs but what has a task of its own.
 */

import { onRabbitmq } from "./on_rabbitmq.ts";
import { chosenRelease } from "./rabbitmq_release.ts";
import { addTotals, denoTest, denoTestBeside, interruptions, isPath } from "./test_run.ts";

/** Minutes long, so run by tasks of their own. */
const OWN_TASKS = ["tests/faults/", "tests/bench/"];

/** What runs on both brokers: everything that speaks to one only as its users do. */
const END_TO_END = [
  "tests/dispatch/",
  "tests/client/",
  "tests/link/",
  "tests/tutorial/",
  "tests/cli/",
  "tests/app/deploy_test.ts",
  "tests/app/senders_test.ts",
  "tests/app_test.ts",
  "tests/host/contained_test.ts",
  "tests/host/contained_wire_test.ts",
  "tests/host/process_host_test.ts",
];

/** Test files at once, unless some were asked for. Most of a test is waiting for a process or a broker. */
const AT_ONCE = 3;

async function run(args: string[]): Promise<number> {
  using interruption = interruptions();
  const { signal } = interruption;
  const chosen = args.some(isPath);
  if (!chosen) Deno.env.set("DENO_JOBS", `${AT_ONCE}`);
  const all = chosen ? args : [...args, `--ignore=${OWN_TASKS}`, "tests/"];
  const runs = [await onRabbitmq(chosenRelease, chosen ? denoTest : denoTestBeside, all, {}, signal)];
  if (!chosen && !signal.aborted) {
    console.log("\nThe same functions, clients and commands once more, on the embedded broker");
    runs.push(
      await denoTestBeside([...args, ...END_TO_END], { HOPPER_TEST_BROKER: "embedded" }, signal),
    );
  }
  const { passed, failed } = addTotals(runs);
  console.log(`\n${passed} passed, ${failed} failed`);
  // What the second pass leaves out asks RabbitMQ itself, and has run there.
  const leftOut = runs[0]!.ignored;
  if (leftOut > 0) console.error(`*** ${leftOut} LEFT OUT: see above what is missing`);
  return runs.find(({ code }) => code !== 0)?.code ?? 0;
}

if (import.meta.main) Deno.exitCode = await run(Deno.args);
