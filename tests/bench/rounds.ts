/** Rounds of a case: in each, every contender takes its turn, and the order turns around from round to round. */

import type { Broker, Case } from "./cases.ts";
import type { Installed } from "./commands.ts";
import { base, type Contender } from "./contenders.ts";
import { inOrder } from "./figures.ts";
import { type BrokerUnderTest, type Lengths, measure, type Sample } from "./measure.ts";
import { type Result, resultOf } from "./report/result.ts";

/** How a case is run. */
export interface RunOptions {
  readonly lengths: Lengths;
  readonly installed: Installed;
  /** What is going on, for those who wait. */
  readonly progress: (line: string) => void;
  /** Aborted when somebody wants no more. */
  readonly signal: AbortSignal;
}

/** A case on a broker, with what was measured so far. */
export class Rounds {
  readonly case: Case;
  readonly #broker: BrokerUnderTest;
  readonly #options: RunOptions;
  readonly #samples: Map<Contender, Sample[]>;
  readonly #failed: { contender: string; error: string }[] = [];
  #round = 0;

  constructor(one: Case, broker: BrokerUnderTest, takingPart: readonly Contender[], options: RunOptions) {
    this.case = one;
    this.#broker = broker;
    this.#options = options;
    this.#samples = new Map(takingPart.map((contender) => [contender, []]));
  }

  get broker(): Broker {
    return this.#broker.kind;
  }

  /** The same case once more, without what was measured so far. */
  anew(): Rounds {
    return new Rounds(this.case, this.#broker, [...this.#samples.keys()], this.#options);
  }

  /** @throws Error when the base fails; another contender that fails is left out of the rest, and named in the result */
  async next(): Promise<void> {
    const { lengths, installed, progress, signal } = this.#options;
    const order = inOrder([...this.#samples.keys()], this.#round++);
    for (const contender of order) {
      if (signal.aborted) throw new Error("Interrupted");
      const about = `${this.case.title}, ${this.broker}, round ${this.#round}: ${contender.title}`;
      try {
        const sample = await measure(this.case, contender, this.#broker, installed, lengths);
        this.#samples.get(contender)!.push(sample);
        progress(`${about} ${Math.round(sample.rate).toLocaleString("en")}/s`);
      } catch (error) {
        if (contender.id === base || signal.aborted) throw error;
        const message = (error as Error).message;
        progress(`${about} failed: ${message}`);
        this.#failed.push({ contender: contender.title, error: message });
        this.#samples.delete(contender);
      }
    }
  }

  get result(): Result {
    const all = [...this.#samples].map(([contender, samples]) => ({ contender, samples }));
    return resultOf(this.case, this.broker, all, this.#failed);
  }
}
