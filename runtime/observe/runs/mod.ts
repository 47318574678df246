import { describeError } from "../../core/api/errors.ts";
import type { Emit, Events } from "../../core/ports/events.ts";
import { openRunsOnDisk } from "./disk.ts";
import { RunKeeper } from "./keeper.ts";
import type { KeepPayloads, RunRecord } from "./record.ts";
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
  const { keeper, records } = openKeeper(data, events.emit, (id) => log.get(id) !== undefined);
  const log: RunLog = new RunLog(keep, keeper ?? { ended: () => {}, dropped: () => {} });
  log.restore(records);
  const off = events.on((event) => log.take(event));
  return {
    log,
    async close() {
      off();
      await keeper?.close();
    },
  };
}

/** What an earlier runtime has kept, the oldest first, and what keeps the runs of this one. */
interface OpenKeeper {
  readonly keeper: RunKeeper | undefined;
  readonly records: readonly RunRecord[];
}

function openKeeper(data: string, emit: Emit, isKept: (id: string) => boolean): OpenKeeper {
  const inMemory = (error: unknown) =>
    emit({
      event: "notice",
      message: `Runs are kept in memory only: '${data}/runs.sqlite' cannot be used: ${describeError(error)}`,
    });
  try {
    const disk = openRunsOnDisk(data);
    try {
      const records = disk.load();
      return { keeper: new RunKeeper(disk, records, inMemory, isKept), records };
    } catch (error) {
      disk.close();
      throw error;
    }
  } catch (error) {
    inMemory(error);
    return { keeper: undefined, records: [] };
  }
}
