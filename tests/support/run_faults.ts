/**
 * The program of `deno task test:faults`: tries each promise of the runtime under faults, on RabbitMQ and on the
 * embedded broker, and prints a table of the results.
 *
 * `--full` takes the counts of a release; paths run a part; other arguments go to `deno test`.
 */

import { table } from "./figures.ts";
import { onRabbitmq } from "./on_rabbitmq.ts";
import { chosenRelease } from "./rabbitmq_release.ts";
import { denoTestBeside, interruptions, isPath } from "./test_run.ts";

/** How many test files run at the same time. They mostly wait until a fault is noticed. */
const AT_ONCE = 3;

async function run(args: readonly string[]): Promise<number> {
  using interruption = interruptions();
  const rest = args.filter((arg) => arg !== "--full");
  const paths = rest.some(isPath) ? [] : ["tests/faults/"];
  const rows = await Deno.makeTempFile({ prefix: "hopper-faults-" });
  const env = {
    DENO_JOBS: `${AT_ONCE}`,
    HOPPER_FAULTS: args.includes("--full") ? "full" : "part",
    HOPPER_FAULTS_REPORT: rows,
  };
  try {
    const began = performance.now();
    const { signal } = interruption;
    const files = [...rest, ...paths];
    // Tests that do not harm their node share one, if RabbitMQ is selected.
    const { passed, failed, ignored, code } = Deno.env.get("HOPPER_FAULTS_BROKER") === "embedded"
      ? await denoTestBeside(files, env, signal)
      : await onRabbitmq(chosenRelease, denoTestBeside, files, env, signal);
    console.log(`\n${table(await Deno.readTextFile(rows))}`);
    console.log(`\nIn ${Math.round((performance.now() - began) / 1000)} s`);
    console.log(`\n${passed} passed, ${failed} failed`);
    if (ignored > 0) console.error(`*** ${ignored} LEFT OUT: see above what is missing`);
    return code;
  } finally {
    await Deno.remove(rows);
  }
}

if (import.meta.main) Deno.exitCode = await run(Deno.args);
