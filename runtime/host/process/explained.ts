import { explainDenied } from "../../core/permissions/denied.ts";
import type { Declared } from "../../core/declared.ts";
import { HopperError } from "../../core/api/errors.ts";
import type { Outcome } from "../../core/ports/outcome.ts";
import type { OffLimits } from "./off_limits.ts";

/** A handler did something that it has no permission for. The message says what to write. */
export class PermissionDenied extends HopperError {
  /** `message` is for people. */
  constructor(message: string) {
    super("PERMISSION_DENIED", message);
  }
}

/** The outcome. If a permission was missing, its error says what to write. */
export function explained(outcome: Outcome, declared: Declared, offLimits: OffLimits): Outcome {
  if (outcome.kind !== "failed") return outcome;
  const { error } = outcome;
  const told = explainDenied(error, declared, offLimits.at.bind(offLimits));
  if (told === undefined) return outcome;
  const denied = new PermissionDenied(told);
  denied.stack = (error as Error).stack;
  return { ...outcome, error: denied };
}
