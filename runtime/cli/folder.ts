import { UsageError } from "./exit.ts";
import { startHere } from "./started_as.ts";

/** Throws a `UsageError` if the functions folder does not exist. */
export async function requireFolder(folder: string): Promise<void> {
  const info = await Deno.stat(folder).catch(() => undefined);
  if (info?.isDirectory) return;
  throw new UsageError(
    `No functions folder at '${folder}'; make one with: ${
      startHere(Deno.cwd())
    } new hello --trigger queue, or name one with --functions DIR`,
  );
}
