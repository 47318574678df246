import { ArgumentError, describeError, HopperError } from "../core/api/errors.ts";

const usageCodes = new Set(["CONFIG", "USAGE"]);

/** A command line that cannot be understood; the message says what was expected. */
export class UsageError extends HopperError {
  /** `message` is shown as it is. */
  constructor(message: string) {
    super("USAGE", message);
  }
}

/** What a process ends with. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** The code for an error, and the text for people. */
  of(error: unknown): { code: number; message: string } {
    if (error instanceof HopperError) {
      return { code: usageCodes.has(error.code) ? 2 : 1, message: error.message };
    }
    if (error instanceof ArgumentError) return { code: 2, message: error.message };
    return { code: 1, message: describeError(error) };
  },
};
