/** A temporary folder with the files of one test. */

import { dirname, join } from "node:path";

/** A folder that exists for one test. */
export interface Folder extends AsyncDisposable {
  readonly path: string;
  /** The absolute path of a file below it. */
  at(name: string): string;
}

/** Writes files by their paths below the folder: `{ "billing/charge.ts": "export default …" }`. */
export async function withFolder(files: Readonly<Record<string, string>> = {}): Promise<Folder> {
  const path = await Deno.makeTempDir({ prefix: "hopper-functions-" });
  const at = (name: string) => join(path, name);
  for (const [name, content] of Object.entries(files)) {
    await Deno.mkdir(dirname(at(name)), { recursive: true });
    await Deno.writeTextFile(at(name), content);
  }
  return {
    path,
    at,
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true });
    },
  };
}
