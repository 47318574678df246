import type { Encoded } from "../../core/body/codec.ts";
import type { Declared } from "../../core/declared.ts";
import { retryDelay, retryStep } from "../../core/settings/retry.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import type { Ending } from "../delivery/ending.ts";

// A queue's time to live is limited to 32 bits of milliseconds. A handler that asks for more gets a month.
const maxWait = 30 * 86_400_000;

/** What to do with a message whose run has ended. */
export type Settlement =
  | { readonly kind: "ack" }
  | { readonly kind: "reply"; readonly result: Result }
  /** Run again: waits in the queue for `step` milliseconds, and leaves it after `ms`, or earlier by a share up to `jitter`. */
  | {
    readonly kind: "retry";
    readonly error: unknown;
    readonly step: number;
    readonly ms: number;
    readonly jitter: number;
    /** Whether the run ended its process. */
    readonly crashed?: true;
  }
  | { readonly kind: "dead-letter"; readonly error: unknown }
  /** Failed for good, with `deadLetter: false`: rejected, so that the queue's own dead-lettering decides. */
  | { readonly kind: "reject"; readonly error: unknown }
  /** Expired before its run: rejected too, because only that makes the queue's own dead-lettering take it. */
  | { readonly kind: "expire" }
  /** Moved to the queue of suspects, with the number of processes that it ended. */
  | { readonly kind: "set-aside"; readonly crashes: number }
  /** Moved to the shard of its key. */
  | { readonly kind: "route"; readonly key: string | undefined }
  /** Given back to its queue, because nothing was run. */
  | { readonly kind: "requeue" }
  /** Nothing: the handler settles the message, or the broker still has it. */
  | { readonly kind: "leave" };

/** What an rpc's caller gets. */
export type Result = { readonly output: Encoded | undefined } | { readonly error: unknown };

const ack: Settlement = { kind: "ack" };
const leave: Settlement = { kind: "leave" };

/** Decides what to do with a message after run number `attempt`. */
export function decide(ending: Ending, declared: Declared, attempt: number): Settlement {
  const { trigger, settings } = declared;
  switch (ending.kind) {
    case "same":
      return decide(ending.ending, declared, attempt);
    case "set-aside":
    case "requeue":
      return ending;
    case "routed":
      return { kind: "route", key: ending.key };
    case "duplicate":
    case "stale":
    case "superseded":
      return ack;
    case "abandoned":
    case "interrupted":
    case "suspect":
      return leave;
    case "unavailable":
      if (trigger.kind === "rpc") return { kind: "reply", result: { error: ending.error } };
      return { kind: "requeue" };
    case "expired":
      return { kind: trigger.kind === "rpc" ? "ack" : "expire" };
    case "returned":
      if (trigger.kind === "rpc") return { kind: "reply", result: { output: ending.output } };
      return settings.ack === "manual" ? leave : ack;
    case "retry":
    case "failed":
      if (trigger.kind === "rpc") return { kind: "reply", result: { error: ending.error } };
      return again(ending, settings.retry, attempt) ?? giveUp(ending.error, settings.deadLetter);
    case "rejected":
      if (trigger.kind === "rpc") return { kind: "reply", result: { error: ending.error } };
      return giveUp(ending.error, settings.deadLetter);
  }
}

function again(
  ending: Ending & { readonly kind: "retry" | "failed" },
  retry: Resolved["retry"],
  attempt: number,
): Settlement | undefined {
  if (retry === false || attempt >= retry.attempts) return undefined;
  const { error } = ending;
  if (ending.kind === "failed" || ending.after === undefined) {
    const ms = retryDelay(attempt, retry);
    const crashed = ending.kind === "failed" && ending.crashed ? { crashed: true } as const : {};
    return { kind: "retry", error, step: ms, ms, jitter: retry.jitter, ...crashed };
  }
  const ms = Math.min(ending.after, maxWait);
  return { kind: "retry", error, step: retryStep(ms), ms, jitter: 0 };
}

/** What to do with a message that failed for good. */
export function giveUp(error: unknown, deadLetter: boolean): Settlement {
  return { kind: deadLetter ? "dead-letter" : "reject", error };
}
