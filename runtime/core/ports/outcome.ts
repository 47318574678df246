import type { Encoded } from "../body/codec.ts";

/** How a run ended. */
export type Outcome =
  /** The handler returned. Its output is there where somebody gets it: an rpc's caller, or a `publish` target. */
  | { readonly kind: "returned"; readonly output?: Encoded }
  /** The handler threw, ran out of time, or ended the process it ran in (`crashed`). */
  | { readonly kind: "failed"; readonly error: unknown; readonly crashed?: true }
  /** The handler asked to be run again: `after` milliseconds, or the next delay of its setting. */
  | { readonly kind: "retry"; readonly error: unknown; readonly after: number | undefined }
  /** The message can never be handled: `Reject`, a body that cannot be read, or one that does not fit the schema. */
  | { readonly kind: "rejected"; readonly error: unknown }
  /** The time that the caller waits, or the sender allowed, had passed before the handler could start. */
  | { readonly kind: "expired" }
  /** The runtime gave up on the run while it stopped: the broker has the message still. */
  | { readonly kind: "abandoned" }
  /** The process ended through another run than this one, which counts for nothing and is run again. */
  | { readonly kind: "interrupted" }
  /** The process ended while this run and others were in it: each is run again alone, so that the culprit shows. */
  | { readonly kind: "suspect" }
  /** The function's process cannot be started: nothing was run. */
  | { readonly kind: "unavailable"; readonly error: unknown };
