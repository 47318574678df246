/** A function that runs under Deno's inspector, so that a debugger can be attached to it. */
export interface Inspection {
  /** The function's name. */
  readonly function: string;
  /** Where the inspector listens. */
  readonly hostname: string;
  readonly port: number;
  /** Whether the function's file is not loaded before a debugger is attached. */
  readonly waits: boolean;
}
