/** A run that can be ended: when its time is over, or when the runtime gives up. */
export interface Waiting {
  timeOut(): void;
  giveUp(reason: unknown): void;
}

/** The deadline of one run. */
export interface Deadline {
  readonly run: Waiting;
  /** A time of `performance.now()`. */
  readonly dueAt: number;
}

/** A deadline between those that were added before and after it. */
class Entry implements Deadline {
  readonly run: Waiting;
  readonly dueAt: number;
  before: Entry | undefined;
  after: Entry | undefined;
  isListed = true;

  constructor(run: Waiting, dueAt: number, before: Entry | undefined) {
    this.run = run;
    this.dueAt = dueAt;
    this.before = before;
  }
}

/**
 * The deadlines of one function's runs, in the order in which they began. One timer serves all of them, so that a run
 * costs only an entry in a list.
 *
 * The list is no `Map`, because V8 keeps what a Map held when it last grew until the old generation is collected: with
 * many short runs, hardly any message would be freed early.
 */
export class Deadlines {
  readonly #ms: number;
  #first: Entry | undefined;
  #last: Entry | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer will fire. */
  #tickAt = Infinity;
  /** Whether some runs have less time than others, so that the oldest need not be due first. */
  #mixed = false;
  #closed = false;

  /** Each run may take `ms` milliseconds, unless it is added with less. */
  constructor(ms: number) {
    this.#ms = ms;
  }

  /** A run begins that may take `ms` milliseconds, at most as many as in the constructor. */
  add(run: Waiting, ms: number = this.#ms): Deadline {
    const dueAt = performance.now() + ms;
    const entry = new Entry(run, dueAt, this.#last);
    if (this.#last) this.#last.after = entry;
    else this.#first = entry;
    this.#last = entry;
    if (ms < this.#ms) this.#mixed = true;
    if (dueAt < this.#tickAt) this.#setTimer(dueAt, ms);
    return entry;
  }

  /** A run has ended. The timer is left as it is, for the next runs. Does nothing for a deadline that is over. */
  delete(deadline: Deadline): void {
    this.#unlist(deadline as Entry);
    if (this.#closed && this.#first === undefined) clearTimeout(this.#timer);
  }

  /** No further run will begin: the timer goes with the last one. */
  close(): void {
    this.#closed = true;
    if (this.#first === undefined) clearTimeout(this.#timer);
  }

  /** Ends every run, because the runtime stops and waits no longer. */
  giveUp(reason: unknown): void {
    clearTimeout(this.#timer);
    this.#tickAt = Infinity;
    const entries: Entry[] = [];
    for (let entry = this.#first; entry; entry = entry.after) entries.push(entry);
    for (const { run } of entries) run.giveUp(reason);
  }

  #setTimer(dueAt: number, ms: number): void {
    clearTimeout(this.#timer);
    this.#tickAt = dueAt;
    this.#timer = setTimeout(() => this.#tick(), ms);
  }

  #tick(): void {
    this.#tickAt = Infinity;
    const now = performance.now();
    const due: Entry[] = [];
    let next = Infinity;
    for (let entry = this.#first; entry; entry = entry.after) {
      if (entry.dueAt <= now) due.push(entry);
      else {
        next = Math.min(next, entry.dueAt);
        if (!this.#mixed) break;
      }
    }
    for (const entry of due) {
      // The end of one run may have ended another.
      if (!entry.isListed) continue;
      this.#unlist(entry);
      entry.run.timeOut();
    }
    if (next < this.#tickAt) this.#setTimer(next, next - now);
    if (next === Infinity) this.#mixed = false;
  }

  #unlist(entry: Entry): void {
    if (!entry.isListed) return;
    entry.isListed = false;
    const { before, after } = entry;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    // Otherwise the entries that are over would keep each other.
    entry.before = entry.after = undefined;
  }
}
