import { basename, dirname, join } from "node:path";
import ts from "typescript";

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  isolatedDeclarations: true,
};

/**
 * The declarations of modules and of what they import, by paths such as `client/mod.d.ts`. `read` returns a source.
 * Beside each is a module that leads Deno to it: TypeScript finds `mod.d.ts` for `mod.js`, and Deno looks for
 * `mod.js`. Throws if something public has no explicit type, because each file is processed alone, as in JSR.
 */
export async function declarationsOf(
  entries: readonly string[],
  read: (path: string) => Promise<string>,
): Promise<Map<string, string>> {
  const declared = new Map<string, string>();
  // The loop also visits paths that are added to the set meanwhile.
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
