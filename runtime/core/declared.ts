import type { FunctionDeclaration } from "./api/function.ts";
import type { NamedMiddleware } from "./api/middleware.ts";
import type { Contract, Schemas } from "./contract.ts";
import type { Bounds } from "./permissions/permissions.ts";
import type { Origins } from "./settings/layers.ts";
import type { Recurrence } from "./schedule/recurrence.ts";
import type { Resolved } from "./settings/settings.ts";
import type { Place } from "./text/locate.ts";
import type { Trigger } from "./api/trigger.ts";
import type { Version } from "./version.ts";

/** A function that was found, loaded and checked, with the final value of every setting. */
export interface Declared {
  /** The path below the functions folder, without the extension, with `.` for `/`: `billing.charge`. */
  readonly name: string;
  /** The path of its file, as shown to people. */
  readonly file: string;
  readonly trigger: Trigger;
  /** When it is due, if it is a schedule. */
  readonly recurrence?: Recurrence;
  readonly settings: Resolved;
  /** Who set each setting. */
  readonly origins: Origins;
  /** The permissions that its file may ask for. */
  readonly bounds: Bounds;
  readonly code: Code;
  readonly contract: Contract;
}

/** The code of a function. */
export type Code =
  /** The declaration, loaded into the runtime itself, and the operator's middleware around it. */
  | {
    readonly kind: "inline";
    readonly declaration: FunctionDeclaration;
    readonly around?: readonly NamedMiddleware[];
  }
  /** A version that the function's own process loads. `declares` is equal text for equal declarations. */
  | { readonly kind: "process"; readonly version: Version; readonly declares: string };

/** A file that should export a function. */
export interface FunctionFile {
  /** The function's name, as in {@linkcode Declared}. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  /** The path as shown to people. */
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
    readonly schemas: Schemas;
  }
  | { readonly kind: "problem"; readonly problem: FileProblem }
  /** It is still being loaded, or was written while it was. */
  | { readonly kind: "pending" };

/** Something wrong with a file: where, what, and how to fix it. */
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
