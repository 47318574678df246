import { describeError } from "../../core/api/errors.ts";
import type { Emit, Events } from "../../core/ports/events.ts";
import { openRunsOnDisk } from "./disk.ts";
import { RunKeeper } from "./keeper.ts";
import type { KeepPayloads } from "./record.ts";
import { RunLog } from "./run_log.ts";

/** The log of runs while the runtime runs. */
export interface OpenRuns {
  readonly log: RunLog;
  /** Writes what is left, and stops listening. */
  close(): Promise<void>;
}

/** Keeps the runs that events tell of, in memory and in the folder `data`; only in memory if that cannot be used. */
export function openRuns(
  { events, data, keep }: { readonly events: Events; readonly data: string; readonly keep: KeepPayloads },
): OpenRuns {
  const keeper = openKeeper(data, events.emit, (id) => log.get(id) !== undefined);
  const log: RunLog = new RunLog(keep, keeper ?? { ended: () => {}, dropped: () => {} });
  if (keeper) log.restore(keeper.load());
  const off = events.on((event) => log.take(event));
  return {
    log,
    async close() {
      off();
      await keeper?.close();
    },
  };
}

function openKeeper(data: string, emit: Emit, isKept: (id: string) => boolean): RunKeeper | undefined {
  const inMemory = (error: unknown) =>
    emit({
      event: "notice",
      message: `Runs are kept in memory only: '${data}/runs.sqlite' cannot be used: ${describeError(error)}`,
    });
  try {
    return new RunKeeper(openRunsOnDisk(data), inMemory, isKept);
  } catch (error) {
    inMemory(error);
    return undefined;
  }
}
