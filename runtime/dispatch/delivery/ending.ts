import type { Outcome } from "../../core/ports/outcome.ts";

/** How a delivery's way through the stages ended: as its run did, or without one. */
export type Ending =
  | Outcome
  /** Its message was handled already. */
  | { readonly kind: "duplicate" }
  /** As another delivery of its message ended, which was told of then. */
  | { readonly kind: "same"; readonly ending: Ending }
  /** Its message may have ended a process, or has ended `crashes` of them: the next run of it is a suspect's. */
  | { readonly kind: "set-aside"; readonly crashes: number }
  /** Its message goes back to its queue unrun. */
  | { readonly kind: "requeue" };

/** What became of a delivery. */
export interface Ended {
  readonly ending: Ending;
  /** Which run of its message it was. */
  readonly attempt: number;
  /** Whether its settlement reached the broker; if not, the message is delivered again. */
  readonly settled: boolean;
}
