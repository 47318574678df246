/** A value that a header can be compared with. */
export type HeaderValue = string | number | boolean;

/** Which headers a message must have: every one (`all`), or at least one of them (`any`). */
export type HeaderMatch =
  | { readonly all: Readonly<Record<string, HeaderValue>> }
  | { readonly any: Readonly<Record<string, HeaderValue>> };

/** Where a function's messages come from. */
export type Trigger =
  | { readonly kind: "queue"; readonly queue: string }
  | { readonly kind: "fanout"; readonly exchange: string }
  | { readonly kind: "direct"; readonly exchange: string; readonly keys: readonly string[] }
  | { readonly kind: "topic"; readonly exchange: string; readonly patterns: readonly string[] }
  | { readonly kind: "headers"; readonly exchange: string; readonly match: HeaderMatch }
  | { readonly kind: "rpc"; readonly name: string };

/** The kind of a trigger. The function that declares one has the same name. */
export type TriggerKind = Trigger["kind"];

/** Every kind of trigger, in the order of the documentation. */
export const triggerKinds: readonly TriggerKind[] = ["queue", "fanout", "direct", "topic", "headers", "rpc"];
