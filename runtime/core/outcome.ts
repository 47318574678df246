/** How a run ended. */
export type Outcome =
  /** The handler returned. */
  | { readonly kind: "returned"; readonly output: unknown }
  /** The handler threw, or ran out of time. */
  | { readonly kind: "failed"; readonly error: unknown }
  /** The message can never be handled: `Reject`, a body that cannot be read, or one that does not fit the schema. */
  | { readonly kind: "rejected"; readonly error: unknown }
  /** The caller's deadline had passed before the handler could start. */
  | { readonly kind: "expired" }
  /** The runtime gave up on the run while it stopped: the broker has the message still. */
  | { readonly kind: "abandoned" };
