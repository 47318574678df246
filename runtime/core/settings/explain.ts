import type * as z from "zod";
import { shown } from "../text/shown.ts";
import { didYouMean } from "../text/suggest.ts";

/** One thing wrong with a settings object. */
export interface SettingIssue {
  /** The keys, outermost first. */
  readonly path: readonly string[];
  readonly message: string;
}

/** Returns the keys that are allowed at a path. */
export type KnownKeys = (path: readonly string[]) => readonly string[];

/** What is wrong with a settings object; empty if it is valid. */
export function findIssues(schema: z.ZodType, value: unknown, known: KnownKeys): readonly SettingIssue[] {
  const parsed = schema.safeParse(value, { reportInput: true });
  return parsed.success
    ? []
    : parsed.error.issues.flatMap((issue) => explain(issue, issue.path.map(String), known));
}

function explain(issue: z.core.$ZodIssue, path: readonly string[], known: KnownKeys): SettingIssue[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `Unknown option '${written([...path, key])}'${didYouMean(key, known(path))}`,
    }));
  }
  if (issue.code === "invalid_union") {
    const meant = branchMeant(issue.errors, known(path));
    if (meant) return meant.flatMap((inner) => explain(inner, [...path, ...inner.path.map(String)], known));
  }
  const expected = `${
    lowerFirst(issue.message.replace(/^Invalid \w+: /, "").replace(/, received .*$/s, ""))
  }`;
  const where = path.length === 0 ? "" : `Option '${written(path)}': `;
  return [{ path, message: upperFirst(`${where}${expected}, got ${shown(issue.input)}`) }];
}

// Guesses which form of a union the author meant: the one that matched furthest. If a form only refuses keys that
// another form allows, the guess would mislead, and the union's own message is used.
function branchMeant(
  branches: readonly (readonly z.core.$ZodIssue[])[],
  known: readonly string[],
): readonly z.core.$ZodIssue[] | undefined {
  return branches.filter((issues) =>
    issues.some((issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.some((key) => !known.includes(key))
        : issue.path.length > 0
    )
  ).toSorted((a, b) => a.length - b.length)[0];
}

/** A path as code: `functions["billing.*"].retry`. */
function written([first = "", ...rest]: readonly string[]): string {
  return first + rest.map((key) => /^[\w$]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`).join("");
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
