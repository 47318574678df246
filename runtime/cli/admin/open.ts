import { printableJson } from "../../core/text/printable.ts";
import { findAdmin, writtenAdmin } from "./address.ts";
import { AdminClient } from "./client.ts";

/** Flags of every command that asks a running runtime. */
export interface RuntimeFlags {
  readonly admin?: string;
}

/** The flag `--admin`, with the same text in every command. */
export const adminFlag = [
  "--admin <url>",
  "the runtime's admin address (default: HOPPER_ADMIN_URL, the runtime of this folder, http://127.0.0.1:8672)",
] as const;

/** A client of the runtime that the flag, the environment or this folder names. */
export async function adminOf({ admin }: RuntimeFlags): Promise<AdminClient> {
  return new AdminClient(findAdmin(admin, Deno.env.get, await writtenAdmin(Deno.cwd())));
}

/** Prints what the API answered as one line of JSON. */
export function printJson(view: unknown): void {
  console.log(printableJson(JSON.stringify(view)));
}
