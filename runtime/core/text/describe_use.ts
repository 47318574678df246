import type { Resolved } from "../settings/settings.ts";
import { shownPath } from "./shown_path.ts";

/** What is around a function's handler, the outermost first: the operator's modules, then the file's own. */
export function describeUse({ middleware, use = [] }: Pick<Resolved, "middleware" | "use">): string[] {
  return [...middleware.map(shownPath), ...use.map(({ name }, i) => name || `use[${i}]`)];
}
