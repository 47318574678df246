import { asErrorCopy, copyError, reviveError } from "./error_copy.ts";
import type { Outcome } from "../../core/ports/outcome.ts";

/**
 * How a handler's run ended, as the head of an `ended` frame. A run that returned has no head, or the content type of its
 * output, which is the frame's body.
 */
export type OutcomeHead =
  | undefined
  | string
  | { readonly kind: "failed" | "rejected"; readonly error: unknown }
  | { readonly kind: "retry"; readonly error: unknown; readonly after?: number };

/** Encodes an outcome as a head and a body. */
export function outcomeFrame(outcome: Outcome): { head: OutcomeHead; body?: Uint8Array } {
  switch (outcome.kind) {
    case "returned":
      return outcome.output === undefined
        ? { head: undefined }
        : { head: outcome.output.contentType, body: outcome.output.body };
    case "retry":
      return { head: { kind: "retry", error: copyError(outcome.error), after: outcome.after } };
    case "failed":
    case "rejected":
      return { head: { kind: outcome.kind, error: copyError(outcome.error) } };
    default:
      throw new TypeError(`A handler's run does not end as ${outcome.kind}`);
  }
}

const nothing: Outcome = { kind: "returned" };

/** Decodes an outcome from a head and a body. Anything that is not an outcome counts as a failure. */
export function readOutcome(head: unknown, body: Uint8Array): Outcome {
  if (head === undefined) return nothing;
  if (typeof head === "string") return { kind: "returned", output: { body, contentType: head } };
  const { kind, error, after } = (head ?? {}) as Record<string, unknown>;
  const revived = reviveError(asErrorCopy(error));
  if (kind === "rejected") return { kind, error: revived };
  if (kind === "retry") return { kind, error: revived, after: asDelay(after) };
  return { kind: "failed", error: revived };
}

function asDelay(after: unknown): number | undefined {
  return typeof after === "number" && after >= 0 ? after : undefined;
}
