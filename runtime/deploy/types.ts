import { fileURLToPath } from "node:url";
import type { FileProblem } from "../core/declared.ts";
import { askDeno, whyItFailed } from "../discover/code/deno.ts";

// The first check of a project takes seconds.
const budget = 120_000;

/**
 * Type errors in files and in what they import, from `deno check` with the project's deno.json. No code runs. Rejects if
 * Deno does not answer, or fails without naming a file.
 */
export async function checkTypes(
  files: readonly string[],
  options: { readonly config?: string; readonly signal?: AbortSignal },
): Promise<FileProblem[]> {
  if (files.length === 0) return [];
  const answer = await askDeno(["check", "--quiet"], files, { ...options, budget });
  if (answer.success) return [];
  const problems = readDiagnostics(answer.stderr);
  if (problems.length === 0) throw new Error(`deno check fails: ${whyItFailed(answer)}`);
  return problems;
}

/** Parses the output of `deno check`: blocks that begin with what is wrong and end with where. */
export function readDiagnostics(text: string): FileProblem[] {
  return text.split(/\n\s*\n/).flatMap((block): FileProblem[] => {
    const [, code, what] = /^\s*(?:(TS\d+) \[ERROR\]|error): (.*)/.exec(block) ?? [];
    const [, url, line, column] = / at (file:\S+?):(\d+):(\d+)\s*$/.exec(block) ?? [];
    if (what === undefined || url === undefined) return [];
    const place = { file: fileURLToPath(url), line: Number(line), column: Number(column) };
    return [{ ...place, ...told(what, code) }];
  });
}

function told(what: string, code: string | undefined): { message: string; fix: string } {
  if (code === undefined) return { message: what, fix: "correct it" };
  const fix = code === "TS2307" ? "check the import's path, or add the package to deno.json" : "correct it";
  return { message: `${what.replace(/\.$/, "")} (${code})`, fix };
}
