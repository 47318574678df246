import { ArgumentError, describeError, HopperError } from "../core/api/errors.ts";

const usageCodes = new Set(["CONFIG", "USAGE"]);

/** A command line that is wrong. The message says what was expected. */
export class UsageError extends HopperError {
  /** `message` is shown unchanged. */
  constructor(message: string) {
    super("USAGE", message);
  }
}

/** The exit codes of `hopper`. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** The exit code for an error, and the text to show. */
  of(error: unknown): { code: number; message: string } {
    if (error instanceof HopperError) {
      return { code: usageCodes.has(error.code) ? 2 : 1, message: error.message };
    }
    if (error instanceof ArgumentError) return { code: 2, message: error.message };
    return { code: 1, message: describeError(error) };
  },
};
