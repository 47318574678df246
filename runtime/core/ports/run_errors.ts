import { describeError, HopperError, stackOf } from "../api/errors.ts";

/** A run took longer than the function's `timeout`, or than its caller waits. */
export class RunTimeout extends HopperError {
  /** `ms` is how many milliseconds the run was allowed. */
  constructor(readonly ms: number) {
    super("TIMEOUT", `The run took longer than ${ms} ms`);
  }
}

/** A run ended its process: it called exit, an error was not caught, the heap was full, or it ignored its deadline. */
export class HostEnded extends HopperError {
  /** `how` says what the process did, such as `exited with code 3`. */
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

/** A function's `setup` threw, took too long, or ended its process. */
export class SetupFailed extends HopperError {
  /** The stack is that of `cause`, which has the line where it was thrown. */
  constructor(cause: unknown) {
    super("SETUP_FAILED", `The function's setup failed, and is tried again: ${describeError(cause)}`, {
      cause,
    });
    this.stack = stackOf(cause) ?? this.stack;
  }
}
