import type { Handler } from "./function.ts";
import type { Bounds } from "./permissions.ts";
import type { Resolved } from "./settings.ts";
import type { Trigger } from "./trigger.ts";

/** A function that was found, loaded and checked, with every setting decided. */
export interface Declared {
  /** Its path below the functions folder, `/` as `.`, without the extension. */
  readonly name: string;
  /** Its file, as people are shown it. */
  readonly file: string;
  readonly trigger: Trigger;
  readonly settings: Resolved;
  /** How far its file may go in the permissions it asks for. */
  readonly bounds: Bounds;
  readonly handler: Handler;
}

/** Gives the name of a function's queue; `""` where the broker chooses it. */
export type QueueOf = (declared: Declared) => string;

/** Something wrong with a file: where, what, and what to write instead. */
export interface FileProblem {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
  readonly fix: string;
}

/** `functions/a.ts:3:12  What is wrong; write: …` */
export function describeProblem({ file, line, column, message, fix }: FileProblem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  return `${place}  ${message}; ${fix}`;
}
