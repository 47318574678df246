import { HopperError } from "../api/errors.ts";

/** A run took longer than the function's `timeout`, or than its caller would wait. */
export class RunTimeout extends HopperError {
  /** `ms` is what the run was allowed. */
  constructor(readonly ms: number) {
    super("TIMEOUT", `The run took longer than ${ms} ms`);
  }
}

/** A run ended the process it ran in: by an exit, an error nobody caught, a full heap, or by not heeding its deadline. */
export class HostEnded extends HopperError {
  /** `how` says what the process did, as `exited with code 3`. */
  constructor(how: string) {
    super("PROCESS_ENDED", `The function's process ${how}`);
  }
}

/** A function's process cannot be started. */
export class HostUnavailable extends HopperError {
  /** `why` completes the sentence. */
  constructor(why: string) {
    super("FUNCTION_UNAVAILABLE", `The function's process cannot be started: ${why}`);
  }
}
