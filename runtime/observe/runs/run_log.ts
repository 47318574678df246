import type { Event } from "../../core/ports/events.ts";
import type { ObservedRun } from "../../core/ports/observed_run.ts";
import type { RunStatus } from "../api/views.ts";
import {
  addLine,
  type KeepPayloads,
  keptError,
  keptMessage,
  recordOf,
  type RunRecord,
  sizeOf,
} from "./record.ts";
import { Fifo } from "./fifo.ts";
import { Slab } from "./slab.ts";

/** How much is kept. */
export interface RunLimits {
  /** @default 10000 */
  readonly runs: number;
  /** @default 64 MiB */
  readonly bytes: number;
}

const defaults: RunLimits = { runs: 10_000, bytes: 64 * 1024 * 1024 };

/** Of so many ended runs, those that failed may take half, so that many successful ones do not push them out. */
const failedShare = 0.5;

/** What an observer of the kept runs learns. */
export interface RunChanges {
  /** A run has ended, or what became of its message is known. */
  ended(record: RunRecord): void;
  /** A run is no longer kept. */
  dropped(record: RunRecord): void;
}

interface Kept {
  readonly record: RunRecord;
  readonly order: number;
  size: number;
  /** Whether it is among those that failed. */
  failed: boolean;
}

/**
 * The latest runs, made from events. At most `limits.runs` and `limits.bytes` are kept: then the oldest go, the
 * successful ones first while the failed ones take less than half.
 */
export class RunLog {
  readonly #keep: KeepPayloads;
  readonly #limits: RunLimits;
  readonly #changes: RunChanges;
  readonly #runs = new Map<string, Kept>();
  /** The oldest first. One that has failed meanwhile stays in the first too, and is skipped there. */
  readonly #usual = new Fifo<Kept>();
  readonly #failed = new Fifo<Kept>();
  readonly #slab = new Slab();
  readonly #copy = (bytes: Uint8Array) => this.#slab.copy(bytes);
  #failedCount = 0;
  #order = 0;
  #bytes = 0;

  constructor(keep: KeepPayloads, changes: RunChanges, limits: RunLimits = defaults) {
    this.#keep = keep;
    this.#changes = changes;
    this.#limits = limits;
  }

  /** Which payloads are kept. */
  get keeps(): KeepPayloads {
    return this.#keep;
  }

  get size(): number {
    return this.#runs.size;
  }

  /** About how many bytes of memory all of them take. */
  get bytes(): number {
    return this.#bytes;
  }

  get(id: string): RunRecord | undefined {
    return this.#runs.get(id)?.record;
  }

  /** All of them, the latest first. */
  latest(): RunRecord[] {
    return [...this.#runs.values()].sort((a, b) => b.order - a.order).map(({ record }) => record);
  }

  /** Adds runs of an earlier runtime, the oldest first. */
  restore(records: readonly RunRecord[]): void {
    for (const record of records) {
      const kept = this.#add(record);
      if (hasFailed(record)) this.#markFailed(kept);
    }
  }

  /** Takes an event. It is cheap: it copies what is kept, and computes nothing. */
  take(event: Event): void {
    switch (event.event) {
      case "started":
        this.#start(event.function, event.run);
        break;
      case "handled":
        this.#end(event.function, event.run, "ok");
        break;
      case "failed": {
        const kept = this.#end(event.function, event.run, "failed");
        Object.assign(kept.record, keptError(event.error, event.stack), { thrownAt: event.at });
        this.#measure(kept);
        break;
      }
      case "expired":
        this.#end(event.function, event.run, "expired");
        break;
      case "duplicate":
        this.#end(event.function, event.run, "duplicate");
        break;
      case "retrying":
        this.#became(event.run, "retrying");
        break;
      case "dead-lettered":
        this.#became(event.run, "dead", event.queue);
        break;
      case "log":
        if (event.run) this.#line(event.run, event);
        break;
    }
  }

  #start(name: string, run: ObservedRun): void {
    if (this.#runs.has(run.id)) return;
    const record = recordOf(name, run);
    record.startedAt = after(record.queuedAt);
    this.#add(record);
  }

  #end(name: string, run: ObservedRun, status: RunStatus): Kept {
    const kept = this.#runs.get(run.id) ?? this.#add(recordOf(name, run));
    const { record } = kept;
    // Its handler may have given the message up, and then returned.
    if (record.status !== "dead") record.status = status;
    record.endedAt = after(record.startedAt ?? record.queuedAt);
    if (this.#keep === true || this.#keep === "failed" && status === "failed") {
      record.message = keptMessage(run, status === "ok" ? this.#copy : ownCopy);
    }
    if (status === "failed") this.#markFailed(kept);
    this.#measure(kept);
    this.#changes.ended(record);
    return kept;
  }

  #became(run: ObservedRun, status: RunStatus, deadLetterQueue?: string): void {
    const kept = this.#runs.get(run.id);
    if (!kept) return;
    Object.assign(kept.record, { status, deadLetterQueue });
    this.#changes.ended(kept.record);
  }

  #line(run: ObservedRun, line: Event & { readonly event: "log" }): void {
    const kept = this.#runs.get(run.id);
    if (!kept) return;
    this.#grow(kept, addLine(kept.record, line, Date.now()));
  }

  #add(record: RunRecord): Kept {
    const kept: Kept = { record, order: ++this.#order, size: 0, failed: false };
    this.#runs.set(record.id, kept);
    this.#usual.push(kept);
    this.#measure(kept);
    return kept;
  }

  #markFailed(kept: Kept): void {
    if (kept.failed) return;
    kept.failed = true;
    this.#failed.push(kept);
    this.#failedCount++;
  }

  #measure(kept: Kept): void {
    this.#grow(kept, sizeOf(kept.record) - kept.size);
  }

  #grow(kept: Kept, bytes: number): void {
    this.#bytes += bytes;
    kept.size += bytes;
    while (this.size > this.#limits.runs || this.#bytes > this.#limits.bytes && this.size > 1) this.#drop();
  }

  #drop(): void {
    const kept = this.#failedCount > this.size * failedShare ? this.#failed.shift() : this.#oldestUsual();
    const dropped = kept ?? this.#failed.shift();
    if (dropped === undefined) return;
    if (dropped.failed) this.#failedCount--;
    this.#runs.delete(dropped.record.id);
    this.#bytes -= dropped.size;
    this.#changes.dropped(dropped.record);
  }

  /** The oldest that has not failed. */
  #oldestUsual(): Kept | undefined {
    let kept = this.#usual.shift();
    while (kept?.failed) kept = this.#usual.shift();
    return kept;
  }
}

function hasFailed({ status }: RunRecord): boolean {
  return status === "failed" || status === "retrying" || status === "dead";
}

// Those that failed stay longer than those around them, and would keep their block.
const ownCopy = (bytes: Uint8Array) => new Uint8Array(bytes);

/** Milliseconds since 1970, and not before what came before it, as the two clocks differ by a fraction. */
function after(earlier: number): number {
  return Math.max(Date.now(), earlier);
}
