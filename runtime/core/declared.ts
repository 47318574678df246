import type { FunctionDeclaration } from "./api/function.ts";
import type { Bounds } from "./permissions/permissions.ts";
import type { Resolved } from "./settings/settings.ts";
import type { Place } from "./text/locate.ts";
import type { Trigger } from "./api/trigger.ts";
import type { Version } from "./version.ts";

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
  readonly code: Code;
}

/** What is run for a function's messages. */
export type Code =
  /** A declaration that was loaded into the runtime itself. */
  | { readonly kind: "inline"; readonly declaration: FunctionDeclaration }
  /** A version that a process of its own loads, and what its file declared, as text that is the same for the same. */
  | { readonly kind: "process"; readonly version: Version; readonly declares: string };

/** A file that should hold a function. */
export interface FunctionFile {
  /** The function's name: its path below the folder, `/` as `.`, without the extension. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  /** The path as people are shown it. */
  readonly file: string;
}

/** A file's declaration and its code, what is wrong with the file, or that it is still being loaded. */
export type ReadFile =
  | {
    readonly kind: "declaration";
    readonly declaration: FunctionDeclaration;
    readonly place: Place;
    /** The file's text, to say where in it something is wrong. */
    readonly source: string;
    readonly code: Code;
  }
  | { readonly kind: "problem"; readonly problem: FileProblem }
  /** It is still being loaded, or was written while it was. */
  | { readonly kind: "pending" };

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
