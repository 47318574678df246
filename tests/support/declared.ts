/** Checks declarations with the runtime's own check, as if they were in a file. */

import type { Declared, FileProblem } from "../../runtime/core/declared.ts";
import type { FunctionDeclaration } from "../../runtime/core/api/function.ts";
import { loadRecurrences } from "../../runtime/core/schedule/cron.ts";
import { check, type Checked } from "../../runtime/discover/check/check.ts";
import type { Config } from "../../runtime/core/api/options.ts";

/** How a declaration is checked. Everything has a default. */
export interface From {
  /** The function's name. Default: `"orders"`. */
  readonly name?: string;
  readonly config?: Config;
  /** The file's text, for the lines of problems. */
  readonly source?: string;
  /** The functions folder. Default: `/functions`. */
  readonly folder?: string;
}

const recurrences = await loadRecurrences();

/** Checks a declaration as that of the file `functions/NAME.ts`. */
// deno-lint-ignore no-explicit-any -- handlers of any input and output
export function checked(declaration: FunctionDeclaration<any, any>, from: From = {}): Checked {
  const { name = "orders", config = {}, source = "", folder = "/functions" } = from;
  const file = `functions/${name.replaceAll(".", "/")}.ts`;
  return check(
    {
      from: { name, file, path: `/${file}` },
      declaration,
      place: { line: 1 },
      source,
      folder,
      code: { kind: "inline", declaration },
      schemas: {},
    },
    config,
    recurrences,
  );
}

/** The declared function. Throws if it has problems. */
export function declared(...args: Parameters<typeof checked>): Declared {
  const result = checked(...args);
  if (result.kind === "declared") return result.declared;
  throw new Error(result.problems.map(({ message }) => message).join("\n"));
}

/** The problems of a function. */
export function problems(...args: Parameters<typeof checked>): readonly FileProblem[] {
  const result = checked(...args);
  return result.kind === "problems" ? result.problems : [];
}
