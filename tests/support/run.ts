/**
 * The program of `deno task test`: starts one RabbitMQ node, runs `deno test` on it, and then runs again on the
 * embedded broker those tests whose result depends on the broker.
 *
 * Arguments go to `deno test`; without a path among them everything runs but what has a task of its own.
 * `--without-unit` leaves out what `deno task unit` runs, for those who have just run that.
 */

import manifest from "../../deno.json" with { type: "json" };
import { onRabbitmq } from "./on_rabbitmq.ts";
import { chosenRelease } from "./rabbitmq_release.ts";
import { addTotals, denoTest, denoTestBeside, interruptions, isPath } from "./test_run.ts";

/** What takes minutes has its own tasks: faults, benches, and projects as a person makes them. */
const OWN_TASKS = [
  "tests/faults/",
  "tests/bench/",
  "tests/package/",
  "tests/docs/",
  "tests/cli/init_test.ts",
  "tests/app/popular_packages_test.ts",
];

/**
 * Tests that also run on the embedded broker, because the broker decides what happens. Commands, processes and what a
 * handler gets are the runtime's own, so their tests run once, and so do tests that start brokers themselves. The
 * contract suite compares the protocol of both brokers.
 */
const ON_BOTH = [
  "tests/app_test.ts",
  "tests/app/admin_api_test.ts",
  "tests/app/admin_functions_test.ts",
  "tests/app/admin_queues_test.ts",
  "tests/app/admin_runs_test.ts",
  "tests/app/emits_test.ts",
  "tests/app/exchanges_test.ts",
  "tests/app/passive_test.ts",
  "tests/app/several_exchanges_test.ts",
  "tests/cli/dead_replay_test.ts",
  "tests/cli/dead_test.ts",
  "tests/cli/delay_test.ts",
  "tests/cli/stop_test.ts",
  "tests/client/call_test.ts",
  "tests/client/connect_test.ts",
  "tests/client/delay/delays_test.ts",
  "tests/client/send_test.ts",
  "tests/client/served_test.ts",
  "tests/dispatch/ack_test.ts",
  "tests/dispatch/batch_test.ts",
  "tests/dispatch/dead_letter_handler_test.ts",
  "tests/dispatch/dead_letter_test.ts",
  "tests/dispatch/delayed_message_test.ts",
  "tests/dispatch/expiry_test.ts",
  "tests/dispatch/forged_reply_address_test.ts",
  "tests/dispatch/give_back_test.ts",
  "tests/dispatch/header_values_test.ts",
  "tests/dispatch/helper_leases_test.ts",
  "tests/dispatch/helper_queues_test.ts",
  "tests/dispatch/hostile_messages_test.ts",
  "tests/dispatch/keyed_concurrency_test.ts",
  "tests/dispatch/latest_test.ts",
  "tests/dispatch/limits_of_properties_test.ts",
  "tests/dispatch/limits_test.ts",
  "tests/dispatch/long_headers_test.ts",
  "tests/dispatch/moved_properties_test.ts",
  "tests/dispatch/order_test.ts",
  "tests/dispatch/pause_test.ts",
  "tests/dispatch/priority_test.ts",
  "tests/dispatch/properties_test.ts",
  "tests/dispatch/quorum_helpers_test.ts",
  "tests/dispatch/rate_cluster_test.ts",
  "tests/dispatch/retried_message_test.ts",
  "tests/dispatch/retry_queues_test.ts",
  "tests/dispatch/retry_test.ts",
  "tests/dispatch/rpc_test.ts",
  "tests/dispatch/stream_filter_test.ts",
  "tests/dispatch/streams_test.ts",
  "tests/dispatch/suspects_test.ts",
  "tests/dispatch/unreadable_headers_test.ts",
  "tests/link/connection_test.ts",
  "tests/link/publisher_outcome_test.ts",
  "tests/link/publisher_test.ts",
  "tests/link/suspect_test.ts",
  "tests/schedule/missed_ticks_test.ts",
  "tests/schedule/ticks_test.ts",
  "tests/tutorial/",
];

/** How many test files run at the same time, if none were named. Tests mostly wait for a process or a broker. */
const AT_ONCE = 3;

/** What `deno task unit` runs. */
function unitTests(): string[] {
  const everyFolderIn = "/*/";
  return manifest.tasks.unit.split(" ").filter((word) => word.startsWith("tests/")).flatMap((path) => {
    if (!path.endsWith(everyFolderIn)) return [path];
    const parent = path.slice(0, -everyFolderIn.length);
    return [...Deno.readDirSync(parent)].filter((entry) => entry.isDirectory).map(({ name }) =>
      `${parent}/${name}/`
    );
  });
}

async function run(given: string[]): Promise<number> {
  const withoutUnit = given.includes("--without-unit");
  const args = given.filter((arg) => arg !== "--without-unit");
  const leftToOthers = withoutUnit ? [...OWN_TASKS, ...unitTests()] : OWN_TASKS;
  using interruption = interruptions();
  const { signal } = interruption;
  const chosen = args.some(isPath);
  const isParallel = !chosen || args.includes("--parallel");
  if (isParallel) Deno.env.set("DENO_JOBS", `${AT_ONCE}`);
  const all = chosen ? args : [...args, `--ignore=${leftToOthers}`, "tests/"];
  const runs = [await onRabbitmq(chosenRelease, isParallel ? denoTestBeside : denoTest, all, {}, signal)];
  if (!chosen && !signal.aborted) {
    console.log("\nWhat the broker decides once more, on the embedded broker");
    runs.push(
      await denoTestBeside([...args, ...ON_BOTH], { HOPPER_TEST_BROKER: "embedded" }, signal),
    );
  }
  const { passed, failed } = addTotals(runs);
  console.log(`\n${passed} passed, ${failed} failed`);
  // Tests that the second pass ignores need RabbitMQ itself, and have run there.
  const leftOut = runs[0]!.ignored;
  if (leftOut > 0) console.error(`*** ${leftOut} LEFT OUT: see above what is missing`);
  return runs.find(({ code }) => code !== 0)?.code ?? 0;
}

if (import.meta.main) Deno.exitCode = await run(Deno.args);
