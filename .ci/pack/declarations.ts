import { dirname, join } from "node:path";
import ts from "typescript";

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  isolatedDeclarations: true,
};

/**
 * The declarations of modules and of what they mention, by their path as `client/mod.d.ts`. `read` gives a source.
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
        return `${before}${module}.d.ts"`;
      },
    );
    declared.set(path.replace(/\.ts$/, ".d.ts"), text);
  }
  return declared;
}
