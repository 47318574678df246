import { join } from "node:path";
import { isRecord } from "../../core/values.ts";
import { UsageError } from "../exit.ts";

/** Where a runtime's admin API is, and the token for what needs one. */
export interface AdminAt {
  /** The URL without a path, such as `http://127.0.0.1:8672`. */
  readonly origin: string;
  readonly token: string | undefined;
  /** Who named it, for messages: `--admin`, `HOPPER_ADMIN_URL`, `.hopper/admin.json` or `default`. */
  readonly source: string;
}

/** The file in which a running runtime writes its address and token, for commands in the same folder. */
export const adminFile = join(".hopper", "admin.json");

const usual = "http://127.0.0.1:8672";

/**
 * Finds the admin API: the flag, `HOPPER_ADMIN_URL`, what the runtime of this folder wrote, or the usual address. The
 * token is in the URL (`?token=`), in `HOPPER_ADMIN_TOKEN`, or in the runtime's file, which is for its own address alone.
 *
 * Throws a `UsageError` if the address is not a URL.
 */
export function findAdmin(
  flag: string | undefined,
  env: (name: string) => string | undefined,
  written: AdminAt | undefined,
): AdminAt {
  const url = env("HOPPER_ADMIN_URL");
  const named = flag !== undefined
    ? adminAt(flag, "--admin")
    : url
    ? adminAt(url, "HOPPER_ADMIN_URL")
    : { origin: written?.origin ?? usual, source: written?.source ?? "default", token: undefined };
  const own = named.origin === written?.origin ? written.token : undefined;
  return { ...named, token: named.token ?? (env("HOPPER_ADMIN_TOKEN") || own) };
}

/** What the runtime of a folder wrote; `undefined` if nothing that can be read. */
export async function writtenAdmin(folder: string): Promise<AdminAt | undefined> {
  try {
    const content: unknown = JSON.parse(await Deno.readTextFile(join(folder, adminFile)));
    if (!isRecord(content) || typeof content.url !== "string") return undefined;
    const { origin } = new URL(content.url);
    return {
      origin,
      token: typeof content.token === "string" ? content.token : undefined,
      source: adminFile,
    };
  } catch {
    return undefined;
  }
}

/** `HOST:PORT` is enough; the page's URL, with its token, may be pasted as it is. */
function adminAt(text: string, source: string): AdminAt {
  const url = URL.parse(/^\w+:\/\//.test(text) ? text : `http://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`'${text}' (${source}) is not the URL of an admin API; write it like ${usual}`);
  }
  return { origin: url.origin, token: url.searchParams.get("token") || undefined, source };
}
