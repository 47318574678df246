import type { Declared } from "../core/declared.ts";
import type { Outcome } from "../core/outcome.ts";

/** What is done about a run that has ended. */
export type Settlement =
  | { readonly kind: "ack" }
  | { readonly kind: "reply"; readonly result: Result }
  | { readonly kind: "dead-letter"; readonly error: unknown }
  /** Failed for good with nowhere to go: acknowledged, and said in the log. */
  | { readonly kind: "drop"; readonly error: unknown }
  /** Nothing: the handler settles, or the broker keeps the message. */
  | { readonly kind: "leave" };

/** What an rpc's caller is told. */
export type Result = { readonly output: unknown } | { readonly error: unknown };

/** Decides what becomes of a message. */
export function decide(outcome: Outcome, { trigger, settings }: Declared): Settlement {
  switch (outcome.kind) {
    case "abandoned":
      return { kind: "leave" };
    case "expired":
      return { kind: "ack" };
    case "returned":
      if (trigger.kind === "rpc") return { kind: "reply", result: { output: outcome.output } };
      return { kind: settings.ack === "manual" ? "leave" : "ack" };
    case "rejected":
    case "failed":
      if (trigger.kind === "rpc") return { kind: "reply", result: { error: outcome.error } };
      return { kind: settings.deadLetter ? "dead-letter" : "drop", error: outcome.error };
  }
}
