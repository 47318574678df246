import type { FileProblem } from "../../core/declared.ts";
import { describeError } from "../../core/api/errors.ts";
import { declarationStack, type FunctionDeclaration, isDeclaration } from "../../core/api/function.ts";
import { frameIn, type Place, placeIn } from "../../core/text/locate.ts";
import { within } from "../../core/within.ts";

/** A file's declaration and the place where it is made, or what is wrong with the file. */
export type Loaded =
  | { readonly kind: "declaration"; readonly declaration: FunctionDeclaration; readonly place: Place }
  | { readonly kind: "problem"; readonly problem: FileProblem };

const example = 'export default queue("name", handler)';

/** Milliseconds a file may take to load. */
export const loadBudget = 10_000;

/** Imports a file and takes its default export. Never rejects; a file that loads longer than `ms` is a problem. */
export async function load(url: string, file: string, ms = loadBudget): Promise<Loaded> {
  let module: Record<string, unknown>;
  try {
    const imported: Record<string, unknown> | "late" = await within(ms, import(url));
    if (imported === "late") throw new Error(`It did not finish loading within ${ms / 1000} s`);
    module = imported;
  } catch (error) {
    return await loadFailure(error, file, url);
  }
  const exported = module.default;
  if (isDeclaration(exported)) {
    return { kind: "declaration", declaration: exported, place: placeIn(declarationStack(exported), url) };
  }
  return problem(file, { message: whatIsExported(module), fix: `write: ${example}` }, {});
}

function problem(file: string, what: { message: string; fix: string }, place: Place): Loaded {
  return { kind: "problem", problem: { file, ...place, ...what } };
}

function whatIsExported(module: Record<string, unknown>): string {
  if (!("default" in module)) {
    const named = Object.keys(module).filter((name) => isDeclaration(module[name]));
    return named.length === 0
      ? "No trigger exported"
      : `The trigger is exported as '${named[0]}', not as the default`;
  }
  return `The default export is not a trigger but ${kindOf(module.default)}`;
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return typeof value === "object" ? "another object" : `a ${typeof value}`;
}

async function loadFailure(error: unknown, file: string, url: string): Promise<Loaded> {
  // Loading it takes as long as loading a small function does, which needs it where it fails only.
  const { stripVTControlCharacters: plain } = await import("node:util");
  const text = error instanceof Error ? plain(`${error.message}\n${error.stack ?? ""}`) : "";
  const place = placeIn(text, url);
  // What fails may be a file that this one imports.
  const elsewhere = place.line === undefined ? frameIn(text, import.meta.url) : undefined;
  const told = firstLine(plain(describeError(error))) + (elsewhere === undefined ? "" : ` (in ${elsewhere})`);
  // Deno says TypeError for what its parser refuses, and SyntaxError for what V8 does.
  const syntax = /^(?:TypeError: )?SyntaxError: /;
  if (syntax.test(told)) {
    const fix = "correct it and save the file";
    return problem(file, { message: `Syntax error: ${told.replace(syntax, "")}`, fix }, place);
  }
  return problem(file, { message: `The file fails to load: ${told}`, fix: fixFor(told) }, place);
}

const fixes: readonly (readonly [RegExp, string])[] = [
  [/Module not found|Import "/, "check the import's path, or add the package to deno.json"],
  [/Requires import access/, "add a package of npm to deno.json: functions fetch no code from elsewhere"],
  [
    /Requires read access/,
    "import files by a path that can be read in the code, from below the folder of deno.json; what is read otherwise, " +
    'or later, takes: permissions: { read: ["…"] }',
  ],
];

function fixFor(told: string): string {
  return fixes.find(([denied]) => denied.test(told))?.[1] ?? "correct what the file does when it is loaded";
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!.replace(/ at file:\/\/\S+$/, "");
}
