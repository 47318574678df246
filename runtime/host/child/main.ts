/**
 * The program of a function's own process. The runtime tells it which file to load and which messages to run. It may do
 * what the function's permissions say, and read the function's modules.
 *
 * Its argument is the path of the runtime's socket.
 */
import "../../mod.ts";
import { describeError, HopperError } from "../../core/api/errors.ts";
import { type Executable, executable, execute } from "../execute/execute.ts";
import { createLog } from "../execute/work_context.ts";
import { disposeOf, setUp } from "../execute/state.ts";
import { asErrorCopy, copyError, reviveError } from "../wire/error_copy.ts";
import { pack } from "../wire/packed.ts";
import type { Item } from "../../core/ports/host.ts";
import { RunTimeout } from "../../core/ports/run_errors.ts";
import { cutLine } from "../process/lines.ts";
import { load } from "./load.ts";
import { loadMiddleware } from "./load_middleware.ts";
import { withinSpan } from "./span.ts";
import type { Frame } from "../wire/frame.ts";
import { fromHost, type LoadHead, toHost } from "../wire/messages.ts";
import { type JobHead, outcomeFrame, ReadJobHeads } from "../wire/run_heads.ts";
import { RunTable } from "../wire/run_table.ts";
import { FramePipe, processEnd } from "../wire/pipe.ts";
import { Asks } from "./asks.ts";
import { RunConsole } from "./console.ts";
import { lendEnvironment } from "./environment.ts";
import { ChildBatch } from "./batch.ts";
import { ChildRun, sendLog } from "./run.ts";

const [socket] = Deno.args as [string];

const pipe = new FramePipe(await Deno.connect({ transport: "unix", path: socket }), processEnd);
// The function must not have the permissions that were needed to connect.
await Deno.permissions.revoke({ name: "net", host: `unix:${socket}` });
for (const name of ["read", "write"] as const) await Deno.permissions.revoke({ name, path: socket });

const asks = new Asks(pipe);
const runs = new RunTable<ChildRun | ChildBatch>();
const heads = new ReadJobHeads();
/** The messages of a batch, until all of them are here. */
let items: Item[] = [];
const output = new RunConsole((run, level, text) => pipe.send(fromHost.log, run, [level, cutLine(text)]));
let code: Executable | undefined;
/** The variables that the function was granted. */
let env: Readonly<Record<string, string>> = {};
/** What the function's setup returned. */
let state: unknown;

/** Loads the function's file. */
async function loadFile(id: number, { name, file, entry, use, values, memory, ms }: LoadHead): Promise<void> {
  const environment = lendEnvironment(values);
  try {
    const result = await load(entry, file, ms);
    if (result.kind === "problem") return pipe.send(fromHost.loaded, id, { problem: result.problem });
    const around = await loadMiddleware(use, file, ms);
    if (around.kind === "problem") return pipe.send(fromHost.loaded, id, { problem: around.problem });
    const { declaration, place } = result;
    code = executable(name, declaration, memory, around.use);
    env = values;
    pipe.send(fromHost.loaded, id, { declaration: pack({ ...declaration }), place });
  } catch (error) {
    // A file may export anything, even an object that throws when it is read.
    const message = `The default export cannot be read: ${describeError(error)}`;
    const problem = { file, message, fix: 'write: export default queue("name", handler)' };
    pipe.send(fromHost.loaded, id, { problem });
  } finally {
    environment.end();
  }
}

async function makeState(ms: number): Promise<void> {
  const log = createLog({ log: (level, text, data) => sendLog(pipe, 0, level, text, data) });
  state = await setUp(code!.setup!, { env, log, ms });
}

/** Says how a step of the state's life ended. */
function tell(kind: number, step: Promise<void>): void {
  step.then(() => pipe.send(kind, 0), (error) => pipe.send(kind, 0, copyError(error)));
}

function run(run: ChildRun | ChildBatch): void {
  const { id } = run;
  runs.add(run);
  const outcome = output.within(id, () => withinSpan(run.span, () => execute(code!, run, run.signal, state)));
  if (outcome instanceof Promise) outcome.then((outcome) => ended(id, outcome));
  else ended(id, outcome);
}

function ended(id: number, outcome: Parameters<typeof outcomeFrame>[0]): void {
  runs.delete(id);
  const { head, body } = outcomeFrame(outcome);
  try {
    pipe.send(fromHost.ended, id, head, body);
  } catch (error) {
    pipe.send(fromHost.ended, id, outcomeFrame({ kind: "failed", error }).head);
  }
}

function abort(id: number, ms: number | null): void {
  pipe.send(fromHost.aborting, id);
  const reason = ms === null ? new HopperError("STOPPING", "The runtime stops") : new RunTimeout(ms);
  runs.get(id)?.signal.abort(reason);
}

function take(frame: Frame): void {
  switch (frame.kind) {
    case toHost.load:
      return void loadFile(frame.id, frame.head as LoadHead);
    case toHost.run:
      return run(new ChildRun(frame.id, heads.read(frame.head as JobHead, frame.body), pipe, asks));
    case toHost.exhausted: {
      const [error, head] = frame.head as [unknown, JobHead];
      const exhausted = reviveError(asErrorCopy(error)) as Error;
      return run(new ChildRun(frame.id, { ...heads.read(head, frame.body), exhausted }, pipe, asks));
    }
    case toHost.item:
      return void items.push(heads.read(frame.head as JobHead, frame.body));
    case toHost.batch: {
      const batch = new ChildBatch(frame.id, items, pipe, asks);
      items = [];
      return run(batch);
    }
    case toHost.key:
      return run(
        new ChildRun(
          frame.id,
          { ...heads.read(frame.head as JobHead, frame.body), asksKey: true },
          pipe,
          asks,
        ),
      );
    case toHost.abort:
      return abort(frame.id, frame.head as number | null);
    case toHost.answer:
      return asks.answered(frame);
    case toHost.setUp:
      return tell(fromHost.setUp, makeState(frame.head as number));
    case toHost.tearDown:
      return tell(fromHost.tornDown, disposeOf(state));
  }
}

/** After an error that nobody caught, for example in a timer, the function's state is unknown, so its process ends. */
async function endBecauseOf(event: Event, error: unknown): Promise<void> {
  if (event.defaultPrevented) return;
  event.preventDefault();
  const text = error instanceof Error ? error.stack ?? error.message : describeError(error);
  pipe.send(fromHost.log, 0, ["error", cutLine(text)]);
  pipe.send(fromHost.fatal, 0, cutLine(describeError(error)));
  await pipe.drained();
  Deno.exit(1);
}
// Deno.exit() ends the process before the next turn, but a write that has begun is still done.
addEventListener("unload", () => void pipe.drained());
addEventListener("unhandledrejection", (event) => void endBecauseOf(event, event.reason));
addEventListener("error", (event) => void endBecauseOf(event, event.error));

await pipe.read(take);
// The runtime is gone, or does not need this process any more.
Deno.exit(0);
