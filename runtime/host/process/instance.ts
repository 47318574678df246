import { describeError } from "../../core/api/errors.ts";
import type { Caller } from "../../core/api/context.ts";
import { Deadlines } from "../../core/deadlines.ts";
import type { LogLevel } from "../../core/ports/events.ts";
import { isBatch, type Wish, type Work } from "../../core/ports/host.ts";
import { graceMs } from "../../core/settings/run_limits.ts";
import type { Outcome } from "../../core/ports/outcome.ts";
import { unpack } from "../wire/packed.ts";
import { HostEnded, RunTimeout } from "../../core/ports/run_errors.ts";
import { ProcessState } from "./process_state.ts";
import { AnsweredAsks } from "./requests.ts";
import { cutLine } from "./lines.ts";
import type { HostProcess } from "./process.ts";
import { Running } from "./running.ts";
import type { Frame } from "../wire/frame.ts";
import { notDisposed } from "../execute/state.ts";
import { copyError } from "../wire/error_copy.ts";
import { fromHost, toHost } from "../wire/messages.ts";
import { RunTable } from "../wire/run_table.ts";
import { JobHeads, readOutcome } from "../wire/run_heads.ts";

/** What is needed to run messages in a process. */
export interface InstanceParts {
  readonly caller: Caller;
  /** Whether handlers settle their messages themselves. */
  readonly manual: boolean;
  /** Adds to a missing permission's error what to write. */
  readonly explain: (outcome: Outcome) => Outcome;
  /** How long a run may take, in milliseconds. */
  readonly timeout: number;
  /** Whether a run may take that long though its caller waits no longer. */
  readonly outlastsCaller: boolean;
  /** Whether a line of this many bytes may go to the log. */
  readonly mayLog: (bytes: number) => boolean;
  /** Takes a log line of a run, or of the process itself (`work` is undefined). */
  readonly log: (work: Work | undefined, level: LogLevel, message: string, data?: unknown) => void;
  /** Called when a run has ended by itself, and when its handler has settled the message afterwards. */
  readonly onEnded: () => void;
  /** Called when the process is gone, before its runs end: they may need a new process at once. */
  readonly onGone: (instance: Instance, how: string) => void;
}

/** One process that runs a function's messages. */
export class Instance {
  /** What the function's setup makes in this process. */
  readonly state: ProcessState;
  readonly #process: HostProcess;
  readonly #parts: InstanceParts;
  readonly #asks: AnsweredAsks;
  readonly #runs = new RunTable<Running>();
  readonly #heads = new JobHeads();
  /** Messages whose handler has returned but may still settle them. The prefetch limits their number. */
  readonly #unsettled = new Map<number, Work>();
  readonly #deadlines: Deadlines;
  readonly #grace = new Deadlines(graceMs);
  /** Resolves, with how the process ended, when it is gone and its runs have ended. */
  readonly ended: Promise<string>;

  constructor(process: HostProcess, parts: InstanceParts) {
    this.state = new ProcessState(process);
    this.#process = process;
    this.#parts = parts;
    this.#deadlines = new Deadlines(parts.timeout);
    this.#asks = new AnsweredAsks((run) => this.#callerOf(run), process.send.bind(process));
    process.listen({
      onFrame: (frame) => this.#take(frame),
      onLine: (line, isError) => {
        if (parts.mayLog(line.length)) parts.log(undefined, isError ? "warn" : "info", line);
      },
    });
    this.ended = process.ended.then((how) => this.#processEnded(how));
  }

  /** How many runs are in progress. */
  get running(): number {
    return this.#runs.size;
  }

  /** Whether it has runs or unsettled messages. */
  get busy(): boolean {
    return this.#runs.size > 0 || this.#unsettled.size > 0;
  }

  /** Runs a message or a batch, until the run or the process ends. */
  run(work: Work): Promise<Outcome> {
    const ms = this.#timeFor(work);
    if (ms <= 0) return Promise.resolve({ kind: "expired" });
    const id = this.#runs.nextId();
    try {
      this.#tell(id, work);
      // A process that has nothing to do begins while what else has arrived is read.
      if (this.#runs.size === 0) this.#process.flush();
    } catch (error) {
      this.#heads.forget();
      // Of a batch nobody knows yet which message cannot be sent.
      return Promise.resolve(isSeveral(work) ? { kind: "suspect" } : { kind: "rejected", error });
    }
    return new Promise((end) => {
      const run = new Running(id, work, ms, end, this.#timeOut);
      this.#runs.add(run);
      run.deadline = this.#deadlines.add(run, ms);
    });
  }

  /** Ends all runs as abandoned, because the runtime waits no longer. */
  giveUp(): void {
    for (const run of this.#runs.all()) {
      this.#process.send(toHost.abort, run.id, null);
      this.#end(run, { kind: "abandoned" });
    }
  }

  /** Gives all messages back, and ends the process at once. */
  async abandon(): Promise<void> {
    this.giveUp();
    this.#process.kill();
    await this.ended;
  }

  /** Ends the process, which has no runs left, when its state is disposed of. */
  async close(): Promise<void> {
    await this.state.dispose().catch((error) => {
      this.#parts.log(undefined, "error", notDisposed(describeError(error)));
    });
    await this.#process.close();
    await this.ended;
  }

  /** Sends what runs to the process. Throws if it is too long for a frame. */
  #tell(id: number, work: Work): void {
    const [process, heads] = [this.#process, this.#heads];
    if (isBatch(work)) {
      for (const item of work.items) process.send(toHost.item, id, heads.of(item), item.message.body);
      return process.send(toHost.batch, id);
    }
    const { exhausted, asksKey, message: { body } } = work;
    if (exhausted) {
      return process.send(toHost.exhausted, id, [copyError(exhausted), heads.of(work)], body);
    }
    process.send(asksKey ? toHost.key : toHost.run, id, heads.of(work), body);
  }

  #take(frame: Frame): void {
    const run = this.#runs.get(frame.id);
    switch (frame.kind) {
      case fromHost.ended:
        if (run) this.#end(run, this.#outcomeOf(run, frame));
        return;
      case fromHost.itemEnded:
        if (run) this.#itemEnded(run.work, frame.head);
        return;
      case fromHost.aborting:
        if (run) run.heard = true;
        return;
      case fromHost.ask:
        return void this.#asks.take(frame);
      case fromHost.forget:
        return this.#asks.forget(frame.id);
      case fromHost.log:
        return this.#log(run, frame);
      case fromHost.settle:
        if (run) run.settled = true;
        return this.#settle(frame.id, run?.work ?? this.#unsettled.get(frame.id), frame.head);
      case fromHost.setUp:
      case fromHost.tornDown:
        return this.state.take(frame);
    }
  }

  /** What a run sends with; it may send something when it has ended. */
  #callerOf(run: number): Caller {
    const work = this.#runs.get(run)?.work ?? this.#unsettled.get(run);
    return work?.caller ?? this.#parts.caller;
  }

  #outcomeOf({ timedOut }: Running, { head, body }: Frame): Outcome {
    return timedOut ? failed(timedOut) : this.#parts.explain(readOutcome(head, body));
  }

  // A function controls what its process says, so an item that there is not is ignored.
  #itemEnded(work: Work, head: unknown): void {
    const [index, ended] = Array.isArray(head) ? head : [];
    if (!isBatch(work) || !Number.isInteger(index) || work.items[index] === undefined) return;
    work.itemEnded(index, this.#parts.explain(readOutcome(ended ?? undefined, noBytes)));
  }

  #log(run: Running | undefined, { head, size }: Frame): void {
    const [level, message, data] = Array.isArray(head) ? head : [];
    if (!isLevel(level) || typeof message !== "string" || !this.#parts.mayLog(size)) return;
    this.#parts.log(run?.work, level, cutLine(message), data === undefined ? undefined : unpack(data));
  }

  #settle(id: number, work: Work | undefined, wish: unknown): void {
    if (!work || !isWish(wish)) return;
    const wasOpen = this.#unsettled.delete(id);
    work.settle(wish);
    if (wasOpen) this.#parts.onEnded();
  }

  /** How long a run may take, in milliseconds. Its caller may wait less than the function's timeout. */
  #timeFor({ callerUntil }: Work): number {
    const { timeout, outlastsCaller } = this.#parts;
    return callerUntil === Infinity || outlastsCaller
      ? timeout
      : Math.min(timeout, Math.ceil(callerUntil - performance.now()));
  }

  readonly #timeOut = (run: Running): void => {
    run.timedOut = new RunTimeout(run.ms);
    this.#process.send(toHost.abort, run.id, run.ms);
    this.#grace.add({ timeOut: () => this.#graceOver(run), giveUp: () => {} });
  };

  #graceOver(run: Running): void {
    if (this.#runs.get(run.id) === undefined) return;
    // If the process did not confirm, one of its runs keeps it busy, and nobody knows which.
    if (run.heard) run.culprit = true;
    this.#process.kill();
  }

  #end(run: Running, outcome: Outcome): void {
    this.#forget(run);
    const { exhausted, asksKey } = run.work;
    if (this.#parts.manual && !exhausted && !asksKey && outcome.kind === "returned" && !run.settled) {
      this.#unsettled.set(run.id, run.work);
    }
    run.end(outcome);
    this.#parts.onEnded();
  }

  #forget(run: Running): void {
    this.#runs.delete(run.id);
    if (run.deadline) this.#deadlines.delete(run.deadline);
  }

  #processEnded(how: string): string {
    this.#asks.close();
    this.#parts.onGone(this, how);
    const runs = this.#runs.all();
    const known = runs.some(({ culprit }) => culprit);
    for (const run of runs) {
      this.#forget(run);
      if (known && !run.culprit) run.end({ kind: "interrupted" });
      else if (isSeveral(run.work) || !known && runs.length > 1) run.end({ kind: "suspect" });
      else run.end({ ...failed(run.timedOut ?? new HostEnded(how)), crashed: true });
    }
    // The handlers that could settle these are gone.
    for (const work of this.#unsettled.values()) work.settle("requeue");
    this.#deadlines.giveUp(undefined);
    this.#grace.giveUp(undefined);
    return how;
  }
}

const noBytes = new Uint8Array(0);

/** Whether more than one message runs. */
function isSeveral(work: Work): boolean {
  return isBatch(work) && work.items.length > 1;
}

function failed(error: unknown) {
  return { kind: "failed", error } as const;
}

function isWish(value: unknown): value is Wish {
  return value === "ack" || value === "requeue" || value === "dead-letter";
}

function isLevel(value: unknown): value is LogLevel {
  return value === "debug" || value === "info" || value === "warn" || value === "error";
}
