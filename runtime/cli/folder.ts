import { UsageError } from "./exit.ts";

/** Throws a `UsageError` if the functions folder does not exist. */
export async function requireFolder(folder: string): Promise<void> {
  const info = await Deno.stat(folder).catch(() => undefined);
  if (info?.isDirectory) return;
  throw new UsageError(
    `No functions folder at '${folder}'; make one with: deno task hopper new hello --trigger queue, or name one with --functions DIR`,
  );
}
