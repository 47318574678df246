import type { z } from "zod";
import { didYouMean } from "./suggest.ts";

/** One thing wrong with a settings object. */
export interface SettingIssue {
  /** Keys from the outside in. */
  readonly path: readonly string[];
  readonly message: string;
}

/** What a schema refused, with each unknown key's likely meaning. `known` gives the keys allowed at a path. */
export function explain(
  error: z.ZodError,
  known: (path: readonly string[]) => readonly string[],
): SettingIssue[] {
  return error.issues.flatMap((issue) => explainIssue(issue, issue.path.map(String), known));
}

function explainIssue(
  issue: z.core.$ZodIssue,
  path: readonly string[],
  known: (path: readonly string[]) => readonly string[],
): SettingIssue[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `Unknown option '${key}'${didYouMean(key, known(path))}`,
    }));
  }
  if (issue.code === "invalid_union") {
    const nested = nearestBranch(issue.errors);
    if (nested) {
      return nested.flatMap((inner) => explainIssue(inner, [...path, ...inner.path.map(String)], known));
    }
  }
  const name = path.join(".");
  const what = issue.message.replace(/^Invalid (input|option): e/, "E").replace(/^Too/, "Value is too");
  return [{ path, message: name === "" ? what : `Option '${name}': ${lowerFirst(what)}` }];
}

// The branch that got furthest into the value is the one its author meant.
function nearestBranch(
  errors: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | undefined {
  const inside = errors.filter((issues) =>
    issues.some((issue) => issue.path.length > 0 || issue.code === "unrecognized_keys")
  );
  return inside.toSorted((a, b) => a.length - b.length)[0];
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
