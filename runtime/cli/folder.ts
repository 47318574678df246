import { UsageError } from "./exit.ts";

/** Refuses a functions folder that is not there. */
export async function requireFolder(folder: string): Promise<void> {
  const info = await Deno.stat(folder).catch(() => undefined);
  if (info?.isDirectory) return;
  throw new UsageError(
    `No functions folder at '${folder}'; make one with: deno task hopper new hello --trigger queue, or name one with --functions DIR`,
  );
}
