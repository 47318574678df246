/** A value that a header can be compared with. */
export type HeaderValue = string | number | boolean;

/** Which headers a message must have: every one (`all`), or at least one of them (`any`). */
export type HeaderMatch =
  | { readonly all: Readonly<Record<string, HeaderValue>> }
  | { readonly any: Readonly<Record<string, HeaderValue>> };

/** An exchange, and which of its messages a function gets. */
export type ExchangeSource =
  | { readonly kind: "fanout"; readonly exchange: string }
  | { readonly kind: "direct"; readonly exchange: string; readonly keys: readonly string[] }
  | { readonly kind: "topic"; readonly exchange: string; readonly patterns: readonly string[] }
  | { readonly kind: "headers"; readonly exchange: string; readonly match: HeaderMatch };

/** Several exchanges of one kind, whose messages go to one queue. */
export type ExchangeSources =
  | { readonly kind: "fanout"; readonly sources: readonly { readonly exchange: string }[] }
  | {
    readonly kind: "direct";
    readonly sources: readonly { readonly exchange: string; readonly keys: readonly string[] }[];
  }
  | {
    readonly kind: "topic";
    readonly sources: readonly { readonly exchange: string; readonly patterns: readonly string[] }[];
  }
  | {
    readonly kind: "headers";
    readonly sources: readonly { readonly exchange: string; readonly match: HeaderMatch }[];
  };

/** Where a function's messages come from: a queue, one exchange or several, or the clock. */
export type Trigger =
  | { readonly kind: "queue"; readonly queue: string }
  | { readonly kind: "rpc"; readonly name: string }
  | { readonly kind: "schedule"; readonly expression: string }
  | ExchangeSource
  | ExchangeSources;

/** The kind of a trigger. The function that declares one has the same name. */
export type TriggerKind = Trigger["kind"];

/** Every kind of trigger, in the order of the documentation. */
export const triggerKinds: readonly TriggerKind[] = [
  "queue",
  "fanout",
  "direct",
  "topic",
  "headers",
  "rpc",
  "schedule",
];

/** The exchanges of a trigger, one or several, in the order in which they are written; none for a kind without. */
export function sourcesOf(trigger: Trigger): readonly ExchangeSource[] {
  if (trigger.kind === "queue" || trigger.kind === "rpc" || trigger.kind === "schedule") return [];
  if (!("sources" in trigger)) return [trigger];
  return trigger.sources.map((source) => ({ kind: trigger.kind, ...source }) as ExchangeSource);
}
