import { pathToFileURL } from "node:url";
import type { FileProblem } from "../core/declared.ts";
import { describeError } from "../core/errors.ts";
import { declarationStack, type FunctionDeclaration, isDeclaration } from "../core/function.ts";
import { type Place, placeIn } from "./locate.ts";
import type { FunctionFile } from "./scan.ts";

/** A file's declaration and the place where it is made, or what is wrong with the file. */
export type Loaded =
  | { readonly kind: "declaration"; readonly declaration: FunctionDeclaration; readonly place: Place }
  | { readonly kind: "problem"; readonly problem: FileProblem };

const example = 'export default queue("name", handler)';

/** Milliseconds a file may take to load. */
const loadBudget = 10_000;

/** Imports a file and takes its default export. Never rejects. */
export async function load({ path, file }: FunctionFile): Promise<Loaded> {
  const url = pathToFileURL(path).href;
  let module: Record<string, unknown>;
  try {
    module = await within(loadBudget, import(url));
  } catch (error) {
    return problem(file, loadFailure(error), placeIn(textOf(error), url));
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
  const kind = module.default === null ? "null" : typeof module.default;
  return `The default export is no trigger but ${kind === "object" ? "another object" : `a ${kind}`}`;
}

function loadFailure(error: unknown): { message: string; fix: string } {
  const text = firstLine(error instanceof Error ? error.message : describeError(error));
  const syntax = /^(?:Uncaught )?SyntaxError: (.*)/.exec(text)?.[1] ??
    (error instanceof SyntaxError ? text : undefined);
  if (syntax !== undefined) {
    return { message: `Syntax error: ${syntax}`, fix: "correct it and save the file" };
  }
  const fix = error instanceof TypeError && /Module not found|not a dependency|Import "/.test(text)
    ? "check the import's path, or add the package to deno.json"
    : "mend what the file does when it is loaded";
  return { message: `The file fails to load: ${text}`, fix };
}

function firstLine(text: string): string {
  const line = text.split("\n", 1)[0]!.replace(/ at file:\/\/\S+$/, "");
  return line.replace(/^The module's source code could not be parsed: /, "SyntaxError: ");
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : "";
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It did not finish loading within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
