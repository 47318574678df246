/**
 * The program of `deno task test:versions`: runs tests that talk to RabbitMQ again on each later release, in a chroot
 * that is made first. Needs root.
 *
 * HOPPER_TEST_RABBITMQ selects one release; paths run a part; other arguments go to `deno test`.
 */

import { onRabbitmq } from "./on_rabbitmq.ts";
import { LATER_SERIES, releaseNamed } from "./rabbitmq_release.ts";
import { addTotals, denoTestBeside, interruptions, isPath, type Totals } from "./test_run.ts";

/** Tests that depend on the broker's version: of the protocol, and of how Hopper uses it. */
const DEPENDENT = [
  "tests/contract/",
  "tests/topology/",
  "tests/link/",
  "tests/dispatch/",
  "tests/tutorial/",
  "tests/client/",
  "tests/app/emits_test.ts",
  "tests/app/exchanges_test.ts",
  "tests/app/failed_setup_test.ts",
  "tests/app/passive_test.ts",
  "tests/app/several_exchanges_test.ts",
  "tests/app_test.ts",
  "tests/app_topology_test.ts",
  "tests/support/rabbitmq_test.ts",
];

/** Faults of the broker itself. Those of connections and processes are the same on every version. */
const FAULTS = [
  "tests/faults/p08_after_a_fault_of_the_broker_test.ts",
  "tests/faults/p15_a_move_is_confirmed_test.ts",
  "tests/faults/p22_a_delay_is_kept_test.ts",
];

/** How many test files run at the same time. Tests mostly wait for a process or a broker. */
const AT_ONCE = 3;

// These tests have already run on the embedded broker, and inline. The contract suite also compares the embedded broker
// with a release that it can behave like.
const ONLY_RABBITMQ = {
  HOPPER_TEST_ISOLATE: "process",
  HOPPER_FAULTS_BROKER: "rabbitmq",
  HOPPER_FAULTS: "part",
};

async function run(args: string[]): Promise<number> {
  using interruption = interruptions();
  const { signal } = interruption;
  const files = args.some(isPath) ? args : [...args, ...DEPENDENT, ...FAULTS];
  const env = { DENO_JOBS: `${AT_ONCE}`, ...ONLY_RABBITMQ };
  const chosen = Deno.env.get("HOPPER_TEST_RABBITMQ");
  const runs: Array<Totals & { readonly code: number }> = [];
  for (const release of (chosen ? [chosen] : LATER_SERIES).map(releaseNamed)) {
    if (signal.aborted) break;
    console.log(`\nOn ${release.title}`);
    const began = performance.now();
    const done = await onRabbitmq(release, denoTestBeside, files, env, signal).catch(notRun);
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(`\n${release.title}: ${done.passed} passed, ${done.failed} failed in ${seconds} s`);
    runs.push(done);
  }
  const { passed, failed, ignored } = addTotals(runs);
  console.log(`\n${passed} passed, ${failed} failed`);
  if (ignored > 0) console.error(`*** ${ignored} LEFT OUT: see above what is missing`);
  return runs.find(({ code }) => code !== 0)?.code ?? 0;
}

function notRun(error: Error): Totals & { readonly code: number } {
  console.error(`*** ${error.message}`);
  return { passed: 0, failed: 1, ignored: 0, code: 1 };
}

if (import.meta.main) Deno.exitCode = await run(Deno.args);
