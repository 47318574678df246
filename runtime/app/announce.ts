import { describeProblem } from "../core/declared.ts";
import type { Emit } from "../core/ports/events.ts";
import type { Catalog } from "../discover/catalog.ts";

/** What an operator should know about the functions: notices of the checks, and variables that are not set. */
export function noticesOf(
  { notices, functions }: Catalog,
  env: (name: string) => string | undefined,
): string[] {
  const unset = functions.flatMap(({ file, settings: { isolate, permissions } }) => {
    const names = (permissions.env ?? []).filter((name) => !name.endsWith("*") && env(name) === undefined);
    if (isolate === "inline" || names.length === 0) return [];
    return [
      `${file} asks for ${names.map((name) => JSON.stringify(name)).join(", ")}, which ${
        names.length === 1 ? "is" : "are"
      } not set`,
    ];
  });
  return [...notices, ...unset];
}

/** Reports problems of files, and notices for the operator, that are new since the last catalog. */
export function announce(catalog: Catalog, before: Catalog | undefined, emit: Emit): void {
  const problems = new Set(before?.problems.map(describeProblem));
  for (const problem of catalog.problems) {
    if (!problems.has(describeProblem(problem))) emit({ event: "problem", ...problem });
  }
  const known = before === undefined ? [] : noticesOf(before, Deno.env.get);
  for (const message of noticesOf(catalog, Deno.env.get)) {
    if (!known.includes(message)) emit({ event: "notice", message });
  }
}
