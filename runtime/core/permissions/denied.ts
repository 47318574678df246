import { dirname } from "node:path";
import type { Declared } from "../declared.ts";
import type { PermissionOptions } from "../api/options.ts";
import { aboutNativeCode, nativeNeeds, nativePermissions } from "./native_code.ts";
import { isPermissionEntry, type PermissionKind } from "./permission_entries.ts";
import {
  type Asked,
  askedOf,
  beyond,
  covers,
  isProgramName,
  operatorsWord,
  widen,
  written,
} from "./permissions.ts";
import type { Service } from "../ports/service.ts";
import { shown } from "../text/shown.ts";
import { purposeOf } from "./variables.ts";

/** The parts of a function that are needed to say which permission is missing. */
export type Asking = Pick<Declared, "name" | "file" | "settings" | "bounds">;

/**
 * Explains an error about a missing permission: what to write, in which file, and whether deploy.config.ts must allow
 * it. `undefined` for any other error, and if the permission was granted.
 */
export function explainDenied(
  error: unknown,
  { name, file, settings, bounds }: Asking,
  serviceAt: (endpoint: string) => Service | undefined = () => undefined,
): string | undefined {
  const denied = causes(error).map(deniedBy).find((found) => found !== undefined);
  if (denied === undefined || settings.isolate === "inline") return undefined;
  if (denied.kind === "never") return `${file} may not ${denied.tried}; ${denied.instead}`;

  const asked = settings.permissions;
  for (const endpoint of askedOf(denied.needs, "net")) {
    const service = endpoint === true ? undefined : serviceAt(endpoint);
    if (service) {
      return `${file} may not ${denied.tried}, the runtime's ${service.is}; ${insteadOf[service.is]}[${
        quoted(String(endpoint))
      }]`;
    }
  }
  if (denied.kind === "unfound" && covers(asked, "env", "PATH", bounds)) return undefined;
  // Deno compares paths as they are written; the operator's limit compares where they lead.
  const asWritten = { ...bounds, realPath: (path: string) => path };
  const has = (kind: PermissionKind, one: Asked) =>
    covers(asked, kind, one, bounds) && covers(asked, kind, one, asWritten);
  const wider = widen(asked, withPath(denied.needs), has);
  if (written(wider) === written(asked)) return undefined;
  const told = `${file} may not ${denied.tried}; write in the file: permissions: ${written(wider)}`;
  const word = written(beyond(wider, bounds)) === "{}"
    ? ""
    : `, and in deploy.config.ts: ${operatorsWord(name, wider, bounds)}`;
  return `${told}${word}${denied.also === undefined ? "" : `; ${denied.also}`}`;
}

const byName = "in deploy.config.ts, name it with its port in the function's permissions: net: ";

const insteadOf: Readonly<Record<Service["is"], string>> = {
  broker: `use ctx.send, ctx.publish or ctx.call, or ${byName}`,
  "admin API": byName,
  inspector: byName,
};

// A program without a path is looked up in PATH.
function withPath(needs: PermissionOptions): PermissionOptions {
  const isNamed = askedOf(needs, "run").some((program) => program !== true && isProgramName(program));
  return isNamed ? { ...needs, env: ["PATH"] } : needs;
}

/**
 * What Deno denied: what the code tried, in words, and the permissions it needs (`lacking`), or what to do instead
 * because no permission allows it (`never`). `unfound`: a program was not found, perhaps because PATH may not be read.
 */
type Denied =
  | {
    readonly kind: "lacking" | "unfound";
    readonly tried: string;
    readonly needs: PermissionOptions;
    /** What else to know. */
    readonly also?: string;
  }
  | { readonly kind: "never"; readonly tried: string; readonly instead: string };

function lacking(tried: string, needs: PermissionOptions, also?: string): Denied {
  return { kind: "lacking", tried, needs, also };
}

function nativeCode(needs: PermissionOptions): Denied {
  return lacking("load a package's native code", needs, aboutNativeCode);
}

type ErrorFields = Readonly<Partial<Record<"name" | "message" | "code" | "hostname" | "stack", unknown>>>;

// Libraries keep the original error as the cause, or as one of several errors.
const maxCauses = 5;

function causes(error: unknown, depth = 0): ErrorFields[] {
  if (typeof error !== "object" || error === null || depth > maxCauses) return [];
  try {
    const { name, message, code, hostname, stack, cause, errors } = error as Record<string, unknown>;
    const inner = Array.isArray(errors) ? errors.slice(0, maxCauses) : [];
    return [
      { name, message, code, hostname, stack },
      ...[cause, ...inner].flatMap((one) => causes(one, depth + 1)),
    ];
  } catch {
    return []; // reading what was thrown may throw too
  }
}

// Deno says what it denied only in the message. These are the messages of Deno 2.9.
const text = /^Requires (\w+) access(?: to (?:"(.*)"|<TMP>))?, run again with the --allow-\1 flag/s;

function deniedBy({ name, message, code, hostname, stack }: ErrorFields): Denied | undefined {
  if (typeof message !== "string") return undefined;
  // What is denied to it, some hide behind an error of their own.
  const native = typeof stack === "string" ? nativeNeeds(stack) : undefined;
  if (native !== undefined) return nativeCode(native);
  // Node's way to look up a host. It names no port, and a lookup needs permission for all ports.
  if (code === "EPERM" && message.startsWith("getaddrinfo EPERM ") && typeof hostname === "string") {
    return lacking(`look up ${quoted(hostname)}`, { net: entriesFor("net", hostname) });
  }
  const [, program] = name === "NotFound" && /^Failed to spawn '([^/]*)': entity not found$/s.exec(message) ||
    [];
  if (program !== undefined) {
    return { kind: "unfound", tried: `run ${quoted(program)}`, needs: { run: entriesFor("run", program) } };
  }
  // fetch wraps the message if the host's address is denied.
  const [, fetched] = /^error sending request for url .*: (Requires net access to .*)$/s.exec(message) ?? [];
  if (fetched !== undefined) return deniedBy({ name: "NotCapable", message: fetched });
  // A denied import is a TypeError.
  if (name !== "NotCapable" && code !== "ERR_MODULE_NOT_FOUND") return undefined;
  if (message.startsWith("Deno.symlink() requires ")) {
    return lacking("make a symbolic link", { read: true, write: true });
  }
  if (message.startsWith("Requires --allow-run permissions to spawn subprocess with ")) {
    return lacking("choose the libraries of a program that it runs", { run: true });
  }
  const [, kind = "", what] = text.exec(message) ?? [];
  return Object.hasOwn(denials, kind) ? denials[kind]!(what) : undefined;
}

const denials: Readonly<Record<string, (what: string | undefined) => Denied>> = {
  net: (what = "") =>
    lacking(`${/^(0\.0\.0\.0|\[::\]):/.test(what) ? "listen on" : "connect to"} ${quoted(what)}`, {
      net: entriesFor("net", what),
    }),
  env: (what) =>
    what !== undefined && purposeOf(what) === "steers"
      ? {
        kind: "never",
        tried: `read the variable ${quoted(what)}`,
        instead: "it changes how the process itself works, and no function gets it",
      }
      : what === undefined
      ? lacking("read the whole environment", { env: ["*"] })
      : lacking(`read the variable ${quoted(what)}`, {
        env: isPermissionEntry("env", what) ? [what] : ["*"],
      }),
  read: (what = temporary) => lacking(`read ${quoted(what)}`, { read: pathsFor(what) }),
  write: (what = temporary) => lacking(`write ${quoted(what)}`, { write: pathsFor(what) }),
  run: (what) =>
    what === undefined
      ? lacking("signal another process", { run: true })
      : lacking(`run ${quoted(what)}`, { run: entriesFor("run", what) }),
  ffi: (what) =>
    what === undefined
      ? lacking("use native code", { ffi: true })
      : what.endsWith(".node")
      ? nativeCode(nativePermissions)
      : lacking(`load ${quoted(what)}`, { ffi: pathsFor(what) }),
  sys: (what = "") => lacking(`read ${quoted(what)} of the system`, { sys: entriesFor("sys", what) }),
  all: (what = "") => ({ kind: "never", tried: `open ${quoted(what)}`, instead: "no permission allows it" }),
  import: (what = "") => ({
    kind: "never",
    tried: `import from ${quoted(what)}`,
    instead: "add the package to deno.json",
  }),
};

function quoted(what: string): string {
  return shown(what, 1000);
}

// Where `Deno.makeTempFile()` writes; Deno's message does not name the folder.
const temporary = "/tmp";

function entriesFor(kind: PermissionKind, entry: string): true | string[] {
  return isPermissionEntry(kind, entry) ? [entry] : true;
}

// If a path cannot be an entry itself, the nearest folder above it that can is asked for.
function pathsFor(path: string): true | string[] {
  const entry = path.startsWith("-") ? `./${path}` : path;
  if (isPermissionEntry("read", entry)) return [entry];
  const folder = dirname(path);
  return folder === path ? true : pathsFor(folder);
}
