import { setImmediate } from "node:timers/promises";
import type { RunsOnDisk } from "./disk.ts";
import type { RunChanges } from "./run_log.ts";
import type { RunRecord } from "./record.ts";

/** Milliseconds between two writes. */
const everyMs = 1_000;

/** The most runs that are written each time: the rest of them are in memory only. */
const maxEach = 1_000;

/** How many rows are written before other work gets its turn. */
const rowsATurn = 50;

/** Writes what changes in the log of runs to the disk, now and then, never on the way of a message. */
export class RunKeeper implements RunChanges {
  readonly #disk: RunsOnDisk;
  readonly #onTrouble: (error: unknown) => void;
  readonly #changed = new Map<string, RunRecord>();
  /** The ids of runs on the disk that are no longer kept. */
  #gone: string[] = [];
  readonly #written = new Set<string>();
  readonly #timer: ReturnType<typeof setInterval>;
  #writing: Promise<void> | undefined;
  #broken = false;

  /** `onTrouble` is called once, when the disk cannot be written. From then on runs are kept in memory only. */
  constructor(disk: RunsOnDisk, onTrouble: (error: unknown) => void) {
    this.#disk = disk;
    this.#onTrouble = onTrouble;
    this.#timer = setInterval(() => this.#write(), everyMs);
  }

  /** Reads what an earlier runtime has kept, the oldest first. */
  load(): RunRecord[] {
    const records = this.#disk.load();
    for (const { id } of records) this.#written.add(id);
    return records;
  }

  ended(record: RunRecord): void {
    if (this.#broken) return;
    // Added again, so that the latest are last.
    this.#changed.delete(record.id);
    this.#changed.set(record.id, record);
  }

  dropped({ id }: RunRecord): void {
    this.#changed.delete(id);
    if (this.#written.delete(id)) this.#gone.push(id);
  }

  /** Writes what is left, and closes the file. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    await this.#writeNow();
    this.#disk.close();
  }

  #write(): void {
    if (this.#changed.size === 0 && this.#gone.length === 0) return;
    this.#writing ??= this.#writeNow().finally(() => this.#writing = undefined);
  }

  async #writeNow(): Promise<void> {
    const records = chosen([...this.#changed.values()]);
    const gone = this.#gone;
    this.#changed.clear();
    this.#gone = [];
    try {
      for (let at = 0; at < gone.length && !this.#broken; at += rowsATurn) {
        this.#disk.forget(gone.slice(at, at + rowsATurn));
        await setImmediate();
      }
      for (let at = 0; at < records.length && !this.#broken; at += rowsATurn) {
        const some = records.slice(at, at + rowsATurn);
        this.#disk.save(some);
        for (const { id } of some) this.#written.add(id);
        await setImmediate();
      }
    } catch (error) {
      this.#broken = true;
      this.#changed.clear();
      this.#onTrouble(error);
    }
  }
}

/** As many of the latest as are written each time, with those that did not succeed before all others. */
function chosen(records: readonly RunRecord[]): RunRecord[] {
  if (records.length <= maxEach) return [...records];
  const failed = records.filter(({ status }) => status !== "ok").slice(-maxEach);
  const room = maxEach - failed.length;
  const others = records.filter(({ status }) => status === "ok");
  return [...room === 0 ? [] : others.slice(-room), ...failed];
}
