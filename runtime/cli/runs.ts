import { Command } from "commander";
import { parseDuration } from "../core/api/duration.ts";
import { printable } from "../core/text/printable.ts";
import { didYouMean } from "../core/text/suggest.ts";
import {
  type ReplayView,
  type RunDetail,
  type RunStatus,
  runStatuses,
  type RunsView,
} from "../observe/api/views.ts";
import { adminFlag, adminOf, printJson, type RuntimeFlags } from "./admin/open.ts";
import { runReport, runTable } from "./admin/run_text.ts";
import { UsageError } from "./exit.ts";
import { durationFlag, wholeNumber } from "./flags.ts";
import { readInput } from "./input.ts";

type JsonFlags = RuntimeFlags & { readonly json?: boolean };

interface ListFlags extends JsonFlags {
  readonly failed?: boolean;
  readonly status?: string;
  readonly since?: string;
  readonly search?: string;
  readonly limit: number;
}

/** `hopper runs [NAME]` and `hopper runs show|replay ID` */
export function runsCommand(): Command {
  const runs = new Command("runs")
    .enablePositionalOptions()
    .description(
      "List the runs that a running runtime keeps, the latest first; show one, or run its message again",
    )
    .argument("[name]", "only the runs of this function")
    .option("--failed", "only those that failed, are tried again, or became dead letters")
    .option("--status <status,...>", `only those with one of these: ${runStatuses.join(", ")}`, statusFlag)
    .option("--since <duration>", "only those of this last time, such as 1h", sinceFlag)
    .option("--search <text>", "only those with this text in an id, a key, an error or the payload")
    .option("--limit <n>", "at most this many", wholeNumber, 50)
    .option("--json", "print the API's JSON")
    .option(...adminFlag)
    .addHelpText(
      "after",
      "\nExample:\n  hopper runs orders --failed --since 1h\n  hopper runs show m3k9x2aa1f-7\n" +
        "  hopper runs replay m3k9x2aa1f-7 --input '{\"id\": 8}'",
    )
    .action(list);
  runs.command("show <id>")
    .description("Show a run: its message, attempts, lines and error")
    .option("--json", "print the API's JSON")
    .option(...adminFlag)
    .addHelpText("after", "\nExample:\n  hopper runs show m3k9x2aa1f-7")
    .action(show)
    .exitOverride();
  runs.command("replay <id>")
    .description("Send a run's message to its queue again, as it was or with another input")
    .option("--input <input>", "instead of its payload: JSON if it is valid, else text; - reads stdin")
    .option("--json", "print the API's JSON")
    .option(...adminFlag)
    .addHelpText("after", "\nExample:\n  hopper runs replay m3k9x2aa1f-7 --input '{\"id\": 8}'")
    .action(replay)
    .exitOverride();
  return runs;
}

// The API answers at most this many at once.
const pageSize = 1_000;

async function list(name: string | undefined, flags: ListFlags): Promise<void> {
  using admin = await adminOf(flags);
  const query = {
    function: name,
    status: statusOf(flags),
    since: flags.since,
    search: flags.search,
  };
  let view = await admin.get<RunsView>("/api/runs", { ...query, limit: Math.min(flags.limit, pageSize) });
  while (view.runs.length < flags.limit && view.next !== undefined) {
    const limit = Math.min(flags.limit - view.runs.length, pageSize);
    const { runs, ...page } = await admin.get<RunsView>("/api/runs", { ...query, limit, cursor: view.next });
    view = { ...page, next: page.next, runs: [...view.runs, ...runs] };
  }
  if (flags.json) return printJson(view);
  console.log(runTable(view));
}

async function show(id: string, flags: JsonFlags): Promise<void> {
  using admin = await adminOf(flags);
  const run = await admin.get<RunDetail>(`/api/runs/${encodeURIComponent(id)}`);
  if (flags.json) return printJson(run);
  console.log(runReport(run));
}

async function replay(id: string, flags: JsonFlags & { readonly input?: string }): Promise<void> {
  const body = await replayBody(flags.input);
  using admin = await adminOf(flags);
  const view = await admin.post<ReplayView>(`/api/runs/${encodeURIComponent(id)}/replay`, body);
  if (flags.json) return printJson(view);
  console.log(printable(`Sent to queue '${view.queue}' again, with the message id ${view.messageId}`));
}

/** The input as the API takes it. Its JSON is passed on as it was typed, so that large numbers keep their digits. */
async function replayBody(text: string | undefined): Promise<string> {
  const input = await readInput(text);
  if (input === undefined) return "{}";
  if (input.contentType === "application/octet-stream") {
    throw new UsageError(
      "The input is neither JSON nor text in UTF-8, and only those can be sent in its place",
    );
  }
  const typed = new TextDecoder().decode(input.body);
  return input.contentType === "application/json" ? `{"input":${typed}}` : JSON.stringify({ text: typed });
}

const failures: readonly RunStatus[] = ["failed", "retrying", "dead"];

function statusOf({ failed, status }: ListFlags): string | undefined {
  if (failed && status !== undefined) {
    throw new UsageError(`Either --failed or --status, not both: --failed means --status ${failures}`);
  }
  return failed ? failures.join(",") : status;
}

function statusFlag(text: string): string {
  const wrong = text.split(",").find((status) => !(runStatuses as readonly string[]).includes(status));
  if (wrong === undefined) return text;
  throw new UsageError(
    `'${wrong}' is not a status${didYouMean(wrong, runStatuses)}; expected one or more of ${runStatuses}`,
  );
}

/** A time as the API takes it. */
function sinceFlag(text: string): string {
  return new Date(Date.now() - parseDuration(durationFlag(text))!).toISOString();
}
