/**
 * The program behind `deno task test:faults`: the promises of the runtime, each tried under faults, and a table of
 * what was found. `--full` takes the counts of a release; paths run a part; other arguments go to `deno test`.
 */

import { leaveOut, rabbitmqInstalled } from "./rabbitmq.ts";

interface Row {
  promise: string;
  what: string;
  goal: string;
  shown: string;
}

async function run(args: readonly string[]): Promise<number> {
  if (!rabbitmqInstalled()) {
    leaveOut("RabbitMQ", "rabbitmq-server");
    return 0;
  }
  const rest = args.filter((arg) => arg !== "--full");
  const paths = rest.some((arg) => !arg.startsWith("-")) ? [] : ["tests/faults/"];
  const reportFile = await Deno.makeTempFile({ prefix: "hopper-faults-" });
  const env = {
    HOPPER_FAULTS: args.includes("--full") ? "full" : "part",
    HOPPER_FAULTS_REPORT: reportFile,
  };
  try {
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", ...rest, ...paths],
      env,
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn().status;
    console.log(table(await Deno.readTextFile(reportFile)));
    return code;
  } finally {
    await Deno.remove(reportFile);
  }
}

/** The rows that tests reported, one JSON object a line, as a Markdown table in the order of the promises. */
export function table(reported: string): string {
  const rows: Row[] = reported.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const number = ({ promise }: Row) => Number(promise.slice(1));
  const lines = rows.toSorted((a, b) => number(a) - number(b))
    .map(({ promise, what, goal, shown }) => `| ${promise} | ${what} | ${goal} | ${shown} |`);
  return ["| promise | tried | goal | found |", "| --- | --- | --- | --- |", ...lines].join("\n");
}

if (import.meta.main) Deno.exitCode = await run(Deno.args);
