import { Reject } from "../../core/api/errors.ts";
import type { Outcome } from "../../core/ports/outcome.ts";

/** How a delivery's way through the stages ended: with a run, or without one. */
export type Ending =
  | Outcome
  /** The message was handled before. */
  | { readonly kind: "duplicate" }
  /** A schedule's tick that was due at this time waited until it was no longer worth a run. */
  | { readonly kind: "stale"; readonly due: number }
  /** Another delivery of the same message ended like this, and was reported then. */
  | { readonly kind: "same"; readonly ending: Ending }
  /** The message may have ended a process, or has ended `crashes` processes. It runs next as a suspect. */
  | { readonly kind: "set-aside"; readonly crashes: number }
  /** The message moves on to the shard of its key; `undefined`: it has none. */
  | { readonly kind: "routed"; readonly key: string | undefined }
  /** A later message of its key has come, and is run instead. */
  | { readonly kind: "superseded" }
  /** The message goes back to its queue without a run. */
  | { readonly kind: "requeue" };

/** The result of a delivery. */
export interface Ended {
  readonly ending: Ending;
  /** The number of the run. */
  readonly attempt: number;
  /** Whether the broker got the settlement. If not, it delivers the message again. */
  readonly settled: boolean;
}

/** The error of a message whose runs ended their process too often. */
export class Poison extends Reject {
  /** `crashes` is how many processes ended. */
  constructor(crashes: number) {
    super(`${crashes} processes ended while they ran this message`);
  }
}
