import { describeProblem } from "../core/declared.ts";
import type { Emit } from "../core/events.ts";
import type { Catalog } from "../discover/catalog.ts";

/** Says what is wrong with files and what an operator should know, as far as it was not so before. */
export function announce(catalog: Catalog, before: Catalog | undefined, emit: Emit): void {
  const problems = new Set(before?.problems.map(describeProblem));
  for (const problem of catalog.problems) {
    if (!problems.has(describeProblem(problem))) emit({ event: "problem", ...problem });
  }
  for (const message of catalog.notices) {
    if (!before?.notices.includes(message)) emit({ event: "notice", message });
  }
}
