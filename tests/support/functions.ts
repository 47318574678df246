/** Reads and runs a project's functions as a runtime does, without a broker. */

import type { Config } from "../../runtime/core/api/options.ts";
import type { Outcome } from "../../runtime/core/ports/outcome.ts";
import { type FolderOptions, FunctionsFolder } from "../../runtime/app/functions_folder.ts";
import type { Catalog } from "../../runtime/discover/catalog.ts";
import { type Folder, withFolder } from "./folder.ts";
import { job } from "./job.ts";

/** The functions of a project, in its folder `functions/`. */
export interface Functions extends AsyncDisposable {
  /** The project's folder. */
  readonly folder: Folder;
  /** Reads what has changed. */
  read(config?: Config): Promise<Catalog>;
  /** The problems by file, as `message; fix`. */
  problems(config?: Config): Promise<Record<string, string>>;
  /** Runs a function of the last read with a body, in its own process. */
  run(name: string, body: unknown): Promise<Outcome>;
  /** Does the same, and returns the handler's result. */
  result(name: string, body?: unknown): Promise<unknown>;
}

/** A deno.json whose import map has `hopper`. */
export const hopperImports: Record<string, string> = { hopper: import.meta.resolve("../../runtime/mod.ts") };

/** Writes a project's files by their paths. Without a deno.json the project uses Hopper's own. */
export async function withFunctions(
  files: Readonly<Record<string, string>>,
  options: Partial<FolderOptions> = {},
): Promise<Functions> {
  const folder = await withFolder({ "functions/.keep": "", ...files });
  const functions = await FunctionsFolder.open({ functions: folder.at("functions"), ...options });
  let catalog: Catalog;
  const read = async (config: Config = {}) => catalog = await functions.read(config);
  const run = async (name: string, body: unknown) => {
    catalog ??= await read();
    const declared = catalog.functions.find((one) => one.name === name);
    if (declared === undefined) throw new Error(`No function '${name}': ${JSON.stringify(catalog.problems)}`);
    const host = functions.hostOf(declared, {} as never, () => {});
    try {
      return await host.run(job(JSON.stringify(body)));
    } finally {
      // The run is over, and with it its deadline.
      host.giveUp(undefined);
      await host.close();
    }
  };
  return {
    folder,
    read,
    run,
    async problems(config) {
      const { problems } = await read(config);
      const below = (file: string) => file.slice(file.indexOf("functions/"));
      return Object.fromEntries(
        problems.map(({ file, message, fix }) => [below(file), `${message}; ${fix}`]),
      );
    },
    async result(name, body = null) {
      const outcome = await run(name, body);
      if (outcome.kind !== "returned") throw new Error(`It did not return: ${Deno.inspect(outcome)}`);
      return JSON.parse(new TextDecoder().decode(outcome.output?.body));
    },
    async [Symbol.asyncDispose]() {
      await functions.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
