import { describeProblem } from "../core/declared.ts";
import type { Emit } from "../core/ports/events.ts";
import type { Catalog } from "../discover/catalog.ts";

/** What an operator should know of the functions: what the files' checks noticed, and variables that are not set. */
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

/** Says what is wrong with files and what an operator should know, as far as it was not so before. */
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
