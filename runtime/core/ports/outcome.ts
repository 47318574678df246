import type { Encoded } from "../body/codec.ts";

/** How a run ended. */
export type Outcome =
  /** The handler returned. `output` is set if somebody gets it: an rpc's caller, or a `publish` target. */
  | { readonly kind: "returned"; readonly output?: Encoded }
  /** The handler threw, took too long, or ended its process (`crashed`). */
  | { readonly kind: "failed"; readonly error: unknown; readonly crashed?: true }
  /** The handler threw `Retry`: run again `after` milliseconds, or after the next delay of the setting. */
  | { readonly kind: "retry"; readonly error: unknown; readonly after: number | undefined }
  /** The message can never be handled: `Reject`, a body that cannot be decoded, or one that the schema refuses. */
  | { readonly kind: "rejected"; readonly error: unknown }
  /** The caller's or the sender's time was over before the handler could start. */
  | { readonly kind: "expired" }
  /** The runtime stopped and did not wait for the run. The broker still has the message. */
  | { readonly kind: "abandoned" }
  /** Another run ended the process. This run does not count, and is done again. */
  | { readonly kind: "interrupted" }
  /** The process ended while this and other runs were in it. Each is run again alone, to find which one ended it. */
  | { readonly kind: "suspect" }
  /** The function's process cannot be started. Nothing was run. */
  | { readonly kind: "unavailable"; readonly error: unknown };
