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
  readonly #isKept: (id: string) => boolean;
  /** The latest that changed, and the latest of them that did not succeed; more of each than are written at once. */
  readonly #changed: RunRecord[] = [];
  readonly #failed: RunRecord[] = [];
  /** The ids of runs on the disk that are no longer kept. */
  #gone: string[] = [];
  readonly #written: Set<string>;
  readonly #timer: ReturnType<typeof setInterval>;
  #writing: Promise<void> | undefined;
  #broken = false;

  /**
   * `onTrouble` is called once, when the disk cannot be written. From then on runs are kept in memory only. `isKept` tells
   * whether a run is in memory still; `written` is what is on the disk.
   */
  constructor(
    disk: RunsOnDisk,
    written: readonly RunRecord[],
    onTrouble: (error: unknown) => void,
    isKept: (id: string) => boolean,
  ) {
    this.#disk = disk;
    this.#written = new Set(written.map(({ id }) => id));
    this.#onTrouble = onTrouble;
    this.#isKept = isKept;
    this.#timer = setInterval(() => this.#write(), everyMs);
  }

  ended(record: RunRecord): void {
    if (this.#broken) return;
    remember(this.#changed, record);
    if (record.status !== "ok") remember(this.#failed, record);
  }

  dropped({ id }: RunRecord): void {
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
    if (this.#changed.length === 0 && this.#gone.length === 0) return;
    this.#writing ??= this.#writeNow().finally(() => this.#writing = undefined);
  }

  async #writeNow(): Promise<void> {
    const records = this.#chosen();
    const gone = this.#gone;
    this.#changed.length = 0;
    this.#failed.length = 0;
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
      this.#onTrouble(error);
    }
  }

  /** What is written this time: the latest, those that did not succeed before all others. */
  #chosen(): RunRecord[] {
    const failed = latestOf(this.#failed, maxEach);
    const others = latestOf(this.#changed, maxEach - failed.length, new Set(failed));
    return [...others, ...failed].filter(({ id }) => this.#isKept(id));
  }
}

/** Adds a record; of too many the oldest are forgotten. */
function remember(records: RunRecord[], record: RunRecord): void {
  records.push(record);
  if (records.length >= 4 * maxEach) records.splice(0, 2 * maxEach);
}

/** The last ones, each once, in their order. */
function latestOf(records: readonly RunRecord[], count: number, without = new Set<RunRecord>()): RunRecord[] {
  const found = new Set<RunRecord>();
  for (let index = records.length - 1; index >= 0 && found.size < count; index--) {
    const record = records[index]!;
    if (!without.has(record)) found.add(record);
  }
  return [...found].reverse();
}
