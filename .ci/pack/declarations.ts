import { basename, dirname, join } from "node:path";
import ts from "typescript";

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  isolatedDeclarations: true,
};

/**
 * The declarations of modules and of what they mention, by their path as `client/mod.d.ts`. `read` gives a source. Beside
 * each lies a module that leads Deno to it: TypeScript finds `mod.d.ts` for `mod.js`, and Deno looks for `mod.js`.
 * Throws if something public has no written type: each file is looked at alone, as JSR does.
 */
export async function declarationsOf(
  entries: readonly string[],
  read: (path: string) => Promise<string>,
): Promise<Map<string, string>> {
  const declared = new Map<string, string>();
  // A set is walked over what is added to it meanwhile as well.
  const paths = new Set(entries);
  for (const path of paths) {
    const { outputText, diagnostics = [] } = ts.transpileDeclaration(await read(path), {
      fileName: path,
      reportDiagnostics: true,
      compilerOptions: options,
    });
    const [fault] = diagnostics;
    if (fault !== undefined) {
      throw new Error(`${path}: ${ts.flattenDiagnosticMessageText(fault.messageText, "\n")}`);
    }
    const text = outputText.replace(
      /((?:\bfrom |\bimport\()")(\.{1,2}\/[^"]+)\.ts"/g,
      (_, before, module) => {
        paths.add(join(dirname(path), `${module}.ts`));
        return `${before}${module}.js"`;
      },
    );
    const name = path.replace(/\.ts$/, "");
    declared.set(`${name}.d.ts`, text);
    declared.set(`${name}.js`, `// @ts-self-types="./${basename(name)}.d.ts"\n`);
  }
  return declared;
}
