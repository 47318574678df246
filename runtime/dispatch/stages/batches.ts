import type { Caller } from "../../core/api/context.ts";
import type { Declared } from "../../core/declared.ts";
import type { Emit } from "../../core/ports/events.ts";
import type { Batch, Host } from "../../core/ports/host.ts";
import type { Outcome } from "../../core/ports/outcome.ts";
import { type BatchLimits, batchLimits, type BatchPlan } from "../../core/settings/batch_settings.ts";
import type { Ending } from "../delivery/ending.ts";
import { andThen } from "../delivery/maybe_promise.ts";
import type { Run } from "../delivery/run.ts";
import type { Handle } from "./stage.ts";

/** What is needed to run a function's messages in batches. */
export interface BatchesParts {
  readonly declared: Declared;
  readonly host: Pick<Host, "run">;
  readonly caller: Caller;
  readonly emit: Emit;
  /** Aborts when the runtime stops and waits no longer. */
  readonly stop: AbortSignal;
}

/** A run that waits for its batch. */
interface Gathered {
  readonly run: Run;
  readonly end: (ending: Ending) => void;
  /** When it waits no longer for others, a time of `performance.now()`. */
  readonly due: number;
}

/**
 * Gathers runs, and has the handler run once for each batch. A batch is complete with `size` messages, when its first
 * has waited long enough, when its bodies are too large together, or when nothing more may come.
 */
export class Batches {
  readonly #parts: BatchesParts;
  readonly #limits: BatchLimits;
  #gathered: Gathered[] = [];
  #bytes = 0;
  /** Runs that must be alone in their batch. */
  readonly #alone: Gathered[] = [];
  #running = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether batches wait for nothing any more, because the function stops. */
  #closing = false;
  #starting = false;

  constructor(batch: BatchPlan, parts: BatchesParts) {
    this.#parts = parts;
    this.#limits = batchLimits(batch, parts.declared.settings);
  }

  /** Runs a message in a batch. */
  readonly handle: Handle = (run) =>
    new Promise((end) => {
      const gathered = { run, end, due: performance.now() + this.#limits.wait };
      if (this.#mustBeAlone(run)) this.#alone.push(gathered);
      else {
        this.#gathered.push(gathered);
        this.#bytes += run.message.body.length;
      }
      this.#startDue();
    });

  /** What has gathered waits for no others: somebody waits for it. */
  hurry(): void {
    this.#gathered = this.#gathered.map((one) => ({ ...one, due: 0 }));
    this.#startDue();
  }

  /** From now on no batch waits for more messages. */
  close(): void {
    this.#closing = true;
    clearTimeout(this.#timer);
    this.#startDue();
  }

  // Who has one run left must not fail because of others. A suspect must not make others suspects.
  #mustBeAlone({ isAlone, attempt }: Run): boolean {
    const { lastAttempt } = this.#limits;
    return isAlone || attempt >= lastAttempt && lastAttempt > 1;
  }

  /** Starts the batches that are complete, as many as may run at the same time. */
  #startDue(): void {
    if (this.#starting) return;
    this.#starting = true;
    while (this.#running < this.#limits.atOnce) {
      const next = this.#alone.length > 0 ? [this.#alone.shift()!] : this.#isDue() ? this.#take() : undefined;
      if (next === undefined) break;
      const wanted = next.filter((one) => this.#isWanted(one));
      if (wanted.length > 0) this.#start(wanted);
    }
    this.#starting = false;
    this.#setTimer();
  }

  #isDue(): boolean {
    const [first] = this.#gathered;
    if (first === undefined) return false;
    const { size, bytes } = this.#limits;
    return this.#closing || this.#gathered.length >= size || this.#bytes >= bytes ||
      first.due <= performance.now();
  }

  /** As many as fit into one batch, at least one. */
  #take(): Gathered[] {
    const { size, bytes } = this.#limits;
    let count = 0;
    let sum = 0;
    while (count < size && count < this.#gathered.length) {
      const { length } = this.#gathered[count]!.run.message.body;
      if (count > 0 && sum + length > bytes) break;
      sum += length;
      count++;
    }
    this.#bytes -= sum;
    return this.#gathered.splice(0, count);
  }

  /** Ends a run that must not begin any more, as time has passed since it was allowed to. */
  #isWanted({ run, end }: Gathered): boolean {
    if (run.expired) end({ kind: "expired" });
    else if (this.#parts.stop.aborted || !run.here) end({ kind: "abandoned" });
    else if (performance.now() > run.beginBy) {
      run.giveBack();
      end({ kind: "abandoned" });
    } else return true;
    return false;
  }

  #start(gathered: readonly Gathered[]): void {
    const { declared: { name }, host, emit } = this.#parts;
    const runs = gathered.map(({ run }) => run);
    for (const run of runs) {
      run.begin(runs.length);
      emit({ event: "started", function: name, messageId: run.message.id, run });
    }
    const told = new Map<number, Outcome>();
    this.#running++;
    const ended = (whole: Outcome) => {
      this.#running--;
      const endings = runs.map((_, index) =>
        whole.kind === "returned" || "error" in whole ? told.get(index) ?? whole : whole
      );
      countOnce(runs, endings);
      for (const [index, { end }] of gathered.entries()) end(endings[index]!);
      this.#startDue();
    };
    andThen(host.run(this.#batchOf(runs, told)), ended);
  }

  #batchOf(runs: readonly Run[], told: Map<number, Outcome>): Batch {
    const { declared: { name }, caller, emit } = this.#parts;
    const single = runs.length === 1 ? runs[0]! : undefined;
    return {
      items: runs,
      // Several messages have several traces, and what their handler sends belongs to none of them.
      caller: single?.caller ?? caller,
      callerUntil: Infinity,
      beginBy: runs.reduce((least, { beginBy }) => Math.min(least, beginBy), Infinity),
      log: (level, message, data) => {
        if (single) single.log(level, message, data);
        else emit({ event: "log", level, function: name, message, ...data && { data } });
      },
      settle: () => {},
      itemEnded: (index, outcome) => void told.set(index, outcome),
    };
  }

  // A timer that was set for a batch that is complete by now is left as it is: it fires early, and is set again.
  #setTimer(): void {
    const [first] = this.#gathered;
    const waits = first !== undefined && !this.#closing && this.#running < this.#limits.atOnce;
    if (!waits || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#startDue();
    }, Math.max(0, Math.ceil(first.due - performance.now())));
  }
}

/** A batch counts as one run when it is decided whether the function pauses: as failed if no message was handled. */
function countOnce(runs: readonly Run[], endings: readonly Ending[]): void {
  const handled = endings.findIndex(({ kind }) => kind === "returned");
  const counted = handled >= 0
    ? handled
    : endings.findIndex(({ kind }) => kind === "failed" || kind === "retry");
  for (const [index, run] of runs.entries()) run.countsForPause = index === counted;
}
