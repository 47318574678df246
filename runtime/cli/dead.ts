import { resolve } from "node:path";
import { Command } from "commander";
import type { DeadLetter } from "../core/ports/dead_letter.ts";
import {
  deadLetterQueueOf,
  listDeadLetters,
  replayDeadLetters,
  type Selection,
} from "../client/dead_letters.ts";
import type { Inspection } from "../client/inspect.ts";
import { readFolder } from "../app/functions_folder.ts";
import { loadConfig } from "../discover/config.ts";
import { planFunction } from "../topology/plan.ts";
import { BrokerError } from "../core/ports/amqp_errors.ts";
import { delayNames } from "../core/ports/delayed.ts";
import { decodeBody } from "../core/body/codec.ts";
import { HopperError } from "../core/api/errors.ts";
import { printableJson } from "../core/text/printable.ts";
import { brokerFlag, type BrokerFlags, configFlag, inspectAs } from "./connect.ts";
import { exactJson } from "./exact_json.ts";
import { wholeNumber } from "./flags.ts";
import { requireFolder } from "./folder.ts";
import { progress, table } from "./output.ts";
import { listenForStop } from "./signals.ts";

const maxBody = { bytes: 128 * 1024 * 1024 };

type Flags = BrokerFlags & { readonly json?: boolean; readonly max: number; readonly yes?: boolean };

/** `hopper dead list|show|replay|purge QUEUE` */
export function deadCommand(): Command {
  const dead = new Command("dead").description(
    "Show the messages that failed for good, send them back, or delete them",
  );
  sub(
    dead,
    "list",
    "List the dead letters of a queue, the oldest first; without a queue, list the queues that have any",
    {
      optional: true,
    },
  ).option(
    "--functions <dir>",
    "functions folder; without a queue, the queues of its functions are listed",
    "functions",
  )
    .action((queue: string | undefined, flags: Flags & { readonly functions: string }) =>
      queue === undefined ? listQueues(flags) : list(queue, flags)
    );
  sub(dead, "show", "Show dead letters with their headers and bodies", { ids: "[ids...]" }).action(show);
  sub(dead, "replay", "Send dead letters back to the queue they failed in; all of them only with --yes", {
    ids: "[ids...]",
  })
    .option("--yes", "replay all of them; without --yes and without ids, it only says what it would do")
    .action(replay);
  sub(dead, "purge", "Delete the dead letters of a queue; only with --yes")
    .option("--yes", "delete them; without --yes, it only says what it would do")
    .action(purge);
  return dead;
}

function sub(
  parent: Command,
  name: string,
  description: string,
  { ids, optional = false }: { readonly ids?: string; readonly optional?: boolean } = {},
): Command {
  const command = parent.command(name).description(description).argument(
    optional ? "[queue]" : "<queue>",
    "the queue that the messages failed in",
  );
  if (ids) command.argument(ids, "message ids (default: all)");
  return command
    .option("--max <n>", "at most this many", wholeNumber, 100)
    .option("--json", "one JSON object per line")
    .option(...brokerFlag)
    .option(...configFlag)
    .exitOverride();
}

async function list(queue: string, flags: Flags): Promise<void> {
  await using inspection = await inspectAs("dead", flags);
  const from = await find(queue, inspection);
  const letters = await read(from, { max: flags.max }, inspection);
  if (flags.json) { for (const letter of letters) console.log(await jsonOf(letter)); }
  else printLetters(queue, letters);
  await mentionFurther(from, inspection, flags);
}

function printLetters(queue: string, letters: readonly DeadLetter[]): void {
  if (letters.length === 0) return console.log(`No dead letters of '${queue}'`);
  const rows = letters.map((
    letter,
  ) => [letter.id, letter.failedAt, String(letter.attempts), letter.function, errorOf(letter)]);
  console.log(table([["ID", "FAILED AT", "ATTEMPTS", "FUNCTION", "ERROR"], ...rows]));
}

// A function that handles dead letters may fail too.
async function mentionFurther(from: string, inspection: Inspection, flags: Flags): Promise<void> {
  const further = `${from}.dead`;
  const count = (await inspection.counts([further])).get(further) ?? 0;
  if (count === 0) return;
  const text = `${count} more failed in the function that consumes '${from}': hopper dead list ${from}`;
  if (flags.json) console.error(text);
  else console.log(text);
}

// AMQP cannot list all queues. So these are the queues that the folder's functions would move failed messages to, and the
// dead-letter queues of those queues.
async function listQueues(flags: Flags & { readonly functions: string }): Promise<void> {
  await requireFolder(flags.functions);
  const { functions, problems } = await readFolder(resolve(flags.functions), await loadConfig(flags.config));
  const queues = functions.flatMap((declared) => planFunction(declared).helpers.deadLetters?.name ?? [])
    .flatMap((queue) => [queue, `${queue}.dead`]).concat(delayNames.lost);
  await using inspection = await inspectAs("dead", flags);
  const counts = [...await inspection.counts([...new Set(queues)])].filter(([, count]) => count > 0);
  const rows = counts.map(([queue, count]) => [queue.replace(/\.dead$/, ""), count] as const);
  if (problems.length > 0) {
    console.error(
      `Skipped: the queues of ${problems.length} file(s) with problems; see hopper list`,
    );
  }
  if (flags.json) {
    return rows.forEach(([queue, deadLetters]) => console.log(JSON.stringify({ queue, deadLetters })));
  }
  if (rows.length === 0) return console.log(`No dead letters of the functions in ${flags.functions}`);
  console.log(table([["QUEUE", "DEAD LETTERS"], ...rows.map((row) => row.map(String))]));
}

function errorOf({ error, at }: DeadLetter): string {
  return at === "" ? error : `${error} (${at})`;
}

async function show(queue: string, ids: string[], flags: Flags): Promise<void> {
  await using inspection = await inspectAs("dead", flags);
  const letters = await read(await find(queue, inspection), selection(ids, flags), inspection);
  requireFound(queue, ids, letters.map(({ id }) => id));
  for (const letter of letters) {
    console.log(await jsonOf(letter, flags.json ? undefined : 2));
  }
}

async function replay(queue: string, ids: string[], flags: Flags): Promise<void> {
  const wanted = selection(ids, flags);
  if (ids.length === 0 && !flags.yes) {
    await using inspection = await inspectAs("dead replay", flags);
    const letters = await read(await find(queue, inspection), wanted, inspection);
    return report(
      flags,
      { wouldReplay: letters.length },
      `${letters.length} would be replayed; add --yes to do it`,
    );
  }
  const signals = listenForStop();
  const stop = new AbortController();
  signals.first.then(() => stop.abort());
  try {
    await using inspection = await inspectAs("dead replay", flags);
    const { channel, publisher } = inspection;
    const from = await find(queue, inspection);
    const { ids: replayed, interrupted } = await ifAny(
      replayDeadLetters(channel, publisher, from, wanted, stop.signal, progress("replayed")),
      { ids: [], interrupted: false },
    );
    report(
      flags,
      { replayed: replayed.length, interrupted },
      `${replayed.length} replayed${interrupted ? ", then stopped" : ""}`,
    );
    if (!interrupted) requireFound(queue, ids, replayed);
  } finally {
    signals.close();
  }
}

async function purge(queue: string, flags: Flags): Promise<void> {
  await using inspection = await inspectAs("dead purge", flags);
  const dead = await find(queue, inspection);
  const count = await ifAny(inspection.channel.count(dead), 0);
  if (!flags.yes) {
    return report(flags, { wouldPurge: count }, `${count} would be deleted for good; add --yes to do it`);
  }
  const purged = count === 0 ? 0 : await ifAny(inspection.channel.purge(dead), 0);
  report(flags, { purged }, `${purged} deleted`);
}

/** The queue of the dead letters of `queue`. If the name could mean two queues, it prints which one is used. */
async function find(queue: string, inspection: Inspection): Promise<string> {
  const from = await deadLetterQueueOf(queue, inspection);
  if (queue.endsWith(".dead") && from !== queue) {
    console.error(`'${queue}' is read as the queue that messages failed in: they are in '${from}'`);
  }
  return from;
}

async function read(from: string, wanted: Selection, { channel }: Inspection): Promise<DeadLetter[]> {
  return await ifAny(listDeadLetters(channel, from, wanted), []);
}

// The queue is declared with the first dead letter, so it is no error if it does not exist.
async function ifAny<T>(work: Promise<T>, none: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BrokerError && error.replyCode === 404) return none;
    throw error;
  }
}

function selection(ids: readonly string[], { max }: Flags): Selection {
  return ids.length === 0 ? { max } : { max: ids.length, ids };
}

function requireFound(queue: string, ids: readonly string[], found: readonly string[]): void {
  const absent = ids.filter((id) => !found.includes(id));
  if (absent.length > 0) {
    throw new HopperError("NOT_FOUND", `No dead letter of '${queue}' has the id ${absent.join(", ")}`);
  }
}

async function jsonOf({ body, ...letter }: DeadLetter, indent?: number): Promise<string> {
  const decoded = await decodeBody({ body, ...letter }, maxBody);
  const isBytes = !decoded.ok || decoded.value instanceof Uint8Array;
  const shown = isBytes ? { bodyBase64: body.toBase64() } : { body: decoded.value };
  return printableJson(exactJson({ ...letter, ...shown }, indent));
}

function report(flags: Flags, json: object, text: string): void {
  console.log(flags.json ? JSON.stringify(json) : text);
}
