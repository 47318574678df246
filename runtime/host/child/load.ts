import type { FileProblem } from "../../core/declared.ts";
import { describeError } from "../../core/api/errors.ts";
import { declarationStack, type FunctionDeclaration, isDeclaration } from "../../core/api/function.ts";
import { filesIn, frameIn, type Place, placeIn } from "../../core/text/locate.ts";
import { within } from "../../core/within.ts";

/** A file's declaration and its place in the file, or what is wrong with the file. */
export type Loaded =
  | { readonly kind: "declaration"; readonly declaration: FunctionDeclaration; readonly place: Place }
  | Failed;

/** What is wrong with a file. */
interface Failed {
  readonly kind: "problem";
  readonly problem: FileProblem;
  /** The files that its error came through, as URLs, innermost first. */
  readonly through?: readonly string[];
}

const example = 'export default queue("name", handler)';

/** How long a file may take to load, in milliseconds. */
export const loadBudget = 10_000;

/** Imports a file and takes its default export. Never rejects. A file that takes longer than `ms` is a problem. */
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

function problem(file: string, what: { message: string; fix: string }, place: Place): Failed {
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
  // Imported late: it takes as long to load as a small function, and is needed only for errors.
  const { stripVTControlCharacters: plain } = await import("node:util");
  const text = error instanceof Error ? plain(`${error.message}\n${error.stack ?? ""}`) : "";
  const place = placeIn(text, url);
  // The error may come from a file that this one imports.
  const elsewhere = place.line === undefined ? frameIn(text, import.meta.url) : undefined;
  const told = firstLine(plain(describeError(error))) + (elsewhere === undefined ? "" : ` (in ${elsewhere})`);
  // Deno's parser throws a TypeError, V8 a SyntaxError.
  const syntax = /^(?:TypeError: )?SyntaxError: /;
  if (syntax.test(told)) {
    const fix = "correct it and save the file";
    return problem(file, { message: `Syntax error: ${told.replace(syntax, "")}`, fix }, place);
  }
  const failed = problem(file, { message: `The file fails to load: ${told}`, fix: fixFor(told) }, place);
  return { ...failed, through: filesIn(text) };
}

const fixes: readonly (readonly [RegExp, string])[] = [
  // The package that npm itself has by this name is another's.
  [
    /Import "hopper["/]/,
    `write in deno.json: "imports": { "hopper": "npm:@hopper/hopper" }, as 'hopper init' does`,
  ],
  [/Module not found|Import "/, "check the import's path, or add the package to deno.json"],
  [/Requires import access/, "add the npm package to deno.json: functions cannot import code from a URL"],
  [
    /Requires read access/,
    "import only files below the folder of deno.json, with their paths written in the code; to read other files, " +
    'write: permissions: { read: ["…"] }',
  ],
];

function fixFor(told: string): string {
  return fixes.find(([denied]) => denied.test(told))?.[1] ?? "correct what the file does when it is loaded";
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!.replace(/ at file:\/\/\S+$/, "");
}
