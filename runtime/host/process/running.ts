import type { Deadline, Waiting } from "../../core/deadlines.ts";
import type { Work } from "../../core/ports/host.ts";
import type { Outcome } from "../../core/ports/outcome.ts";
import type { RunTimeout } from "../../core/ports/run_errors.ts";

/** A run in a process. */
export class Running implements Waiting {
  readonly id: number;
  readonly work: Work;
  /** How long it may take, in milliseconds. */
  readonly ms: number;
  readonly end: (outcome: Outcome) => void;
  readonly #onTimeOut: (run: Running) => void;
  deadline: Deadline | undefined;
  /** Whether its handler has settled the message. */
  settled = false;
  /** Set when its time is over. */
  timedOut: RunTimeout | undefined;
  /** Whether the process confirmed that: then it is not stuck, and only this run does not end. */
  heard = false;
  /** Whether the process was killed because of this run, when its time of grace was over too. */
  culprit = false;

  constructor(
    id: number,
    work: Work,
    ms: number,
    end: (outcome: Outcome) => void,
    onTimeOut: (run: Running) => void,
  ) {
    this.id = id;
    this.work = work;
    this.ms = ms;
    this.end = end;
    this.#onTimeOut = onTimeOut;
  }

  timeOut(): void {
    this.#onTimeOut(this);
  }

  giveUp(): void {}
}
