import { pause } from "../core/backoff.ts";
import { describeError, Reject } from "../core/errors.ts";
import type { Delivery } from "../core/link.ts";
import { decide } from "./decide.ts";
import { type Marks, newToken } from "./marks.ts";
import { suspectLetter } from "./move.ts";
import { aloneInTime } from "./patience.ts";
import { mostCrashes, notedCrashes, tokenOf } from "./quarantine.ts";
import type { Recent } from "../core/recent.ts";
import type { Run } from "./run.ts";
import { bury, moveTo, settle, type SettleParts } from "./settle.ts";
import type { Solitude } from "./solitude.ts";

/** A message whose process ended each time it was run. */
export class Poison extends Reject {
  /** `crashes` is how many processes ended. */
  constructor(crashes: number) {
    super(`${crashes} processes ended while they ran this message`);
  }
}

/** What isolating a function's suspects takes. */
export interface IsolationParts extends SettleParts {
  /** Which suspects are being run. */
  readonly marks: Marks;
  /** Called when a message has been moved to the queue of suspects. */
  readonly onSuspect: () => void;
}

/** What the runs of suspects share with the function's other runs. */
export interface OtherRuns {
  /** What this process has had. */
  readonly received: Recent;
  readonly solitude: Solitude;
  /** Takes a message to its settlement. */
  run(run: Run): Promise<void>;
  /** Says that a message was given up unrun. */
  reportFailed(run: Run, error: unknown): void;
  /** A settlement that no run waits for. */
  settleLater(settling: Promise<unknown>): void;
}

// Until the broker is asked again about a suspect, where it failed to answer.
const unmarkedMs = 5_000;

/** Runs the suspects of one function, each alone, and counts the processes that they end. */
export class Isolation {
  readonly #parts: IsolationParts;
  readonly #others: OtherRuns;

  constructor(parts: IsolationParts, others: OtherRuns) {
    this.#parts = parts;
    this.#others = others;
  }

  /** Moves a message to the queue of suspects, where the processes it ended are counted. */
  async isolate(run: Run, crashes: number): Promise<void> {
    const { helpers, onSuspect } = this.#parts;
    const to = helpers.suspects(run.queue);
    const letter = suspectLetter(run, to.name, newToken(), crashes, run.attempt - 1, run.expiry);
    const onUnsendable = (error: unknown) => bury(error, run, this.#parts, true).then(() => false);
    if (run.claim() && await moveTo(to, letter, run, this.#parts, { onUnsendable })) onSuspect();
  }

  /** Takes a suspect to its settlement: given up, moved again, or run alone. */
  async run(run: Run): Promise<void> {
    const { received } = this.#others;
    const token = tokenOf(run.delivery);
    const crashes = notedCrashes(run.delivery);
    // Without a token nobody could say whether it was run: it is given one.
    if (token === undefined) return await this.isolate(run, crashes);
    try {
      const ended = await this.#endedProcess(run.delivery, token);
      received.add(token);
      if (ended) await this.#countCrash(run, crashes + 1);
      else await this.#runAlone(run, token);
    } catch (error) {
      await this.#giveBackLater(run, error);
    }
  }

  /** Whether a suspect was being run when a process ended: not this one, which lives. */
  async #endedProcess({ redelivered }: Delivery, token: string): Promise<boolean> {
    return redelivered && !this.#others.received.has(token) && await this.#parts.marks.has(token);
  }

  async #countCrash(run: Run, crashes: number): Promise<void> {
    const { declared } = this.#parts;
    if (crashes < mostCrashes(declared.settings)) return await this.isolate(run, crashes);
    const error = new Poison(crashes);
    this.#others.reportFailed(run, error);
    await settle(decide({ kind: "rejected", error }, declared, run.attempt), run, this.#parts);
  }

  async #runAlone(run: Run, token: string): Promise<void> {
    const { marks, declared: { settings } } = this.#parts;
    const { solitude, settleLater } = this.#others;
    await aloneInTime(solitude, run, settings, async () => {
      await marks.set(token);
      // Its channel may have gone away meanwhile, and then it comes again.
      if (run.delivery.open) await this.#others.run(run);
      // One that stays expires.
      settleLater(marks.clear(token).catch(() => {}));
    });
  }

  /** The broker would not say, or would not keep, what is run: nobody could count the crashes of the message. */
  async #giveBackLater({ delivery }: Run, error: unknown): Promise<void> {
    const { declared: { name }, emit, stop } = this.#parts;
    emit({ event: "notice", message: `${name}: a suspect waits to be run: ${describeError(error)}` });
    await pause(unmarkedMs, stop);
    delivery.requeue();
  }
}
