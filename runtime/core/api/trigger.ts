/** A value an AMQP header may be compared with. */
export type HeaderValue = string | number | boolean;

/** Which headers a message must carry: every pair (`all`) or at least one (`any`). */
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

/** The name of a trigger's kind, which is also the name of the function that declares it. */
export type TriggerKind = Trigger["kind"];

/** Every kind of trigger, in the order the documentation lists them. */
export const triggerKinds: readonly TriggerKind[] = ["queue", "fanout", "direct", "topic", "headers", "rpc"];
