import type { PermissionOptions } from "../api/options.ts";

/** A kind of permission. */
export type PermissionKind = keyof PermissionOptions;

/** Every kind, in the order in which messages list them. */
export const permissionKinds: readonly PermissionKind[] = [
  "net",
  "env",
  "read",
  "write",
  "run",
  "ffi",
  "sys",
];

/** Where a process may connect or listen. Without a port, any port. */
export type Endpoint =
  | { readonly kind: "host"; readonly host: string; readonly below: boolean; readonly port?: number }
  | { readonly kind: "unix"; readonly path: string };

/** How to write an entry of each kind, for error messages. */
export const expectedEntry: Readonly<Record<PermissionKind, string>> = {
  net: 'Expected a host, such as "api.example:443", "*.example", "[::1]:80" or "unix:/run/a.sock"',
  env: 'Expected a variable\'s name, such as "API_KEY" or "AWS_*"',
  read: expectedPath("data"),
  write: expectedPath("data"),
  run: 'Expected a program, such as "git" or "/usr/bin/git", without commas',
  ffi: expectedPath("libimage.so"),
  sys: 'Expected a fact that Deno can grant alone, such as "hostname" or "cpus"; true grants all',
};

function expectedPath(example: string): string {
  return `Expected a path, such as ${JSON.stringify(example)}, without commas and not beginning with "-"`;
}

// The facts that `--allow-sys=` can name. Others, such as umask, are only granted by all of them.
const facts: readonly string[] = [
  "cpus",
  "getPriority",
  "getegid",
  "gid",
  "homedir",
  "hostname",
  "loadavg",
  "networkInterfaces",
  "osRelease",
  "osUptime",
  "setPriority",
  "statfs",
  "systemMemoryInfo",
  "uid",
  "userInfo",
  "username",
];

// All entries become one argument of a command line, and Linux takes at most 128 KiB for one.
const maxLength = 1000;

/** Whether an entry can be passed to Deno. A comma cannot, because it ends an entry and cannot be escaped. */
export function isPermissionEntry(kind: PermissionKind, entry: string): boolean {
  if (entry === "" || entry.length > maxLength || entry.startsWith("-") || /[,\0]/.test(entry)) return false;
  if (kind === "net") return parseEndpoint(entry) !== undefined;
  if (kind === "env") return /^[^\s=*]+\*?$|^\*$/.test(entry);
  return kind !== "sys" || facts.includes(entry);
}

/** Parses `api.example:443`, `*.example`, `[::1]:80` or `unix:/run/a.sock`; `undefined` for anything else. */
export function parseEndpoint(entry: string): Endpoint | undefined {
  const path = /^unix:(\/.+)$/s.exec(entry)?.[1];
  if (path !== undefined) return { kind: "unix", path };
  const parts = /^(\*\.)?(\[[\da-f:.]+\]|[\w-]{1,63}(?:\.[\w-]{1,63})*\.?)(?::(\d{1,5}))?$/i.exec(entry);
  if (parts === null) return undefined;
  const [, star, written = "", digits] = parts;
  const host = written.startsWith("[") ? shortest(written) : written.toLowerCase().replace(/\.$/, "");
  const port = digits === undefined ? undefined : Number(digits);
  const impossible = host === undefined || host.length > 253 || (port ?? 0) > 65_535 ||
    (star !== undefined && host.startsWith("["));
  return impossible ? undefined : { kind: "host", host, below: star !== undefined, port };
}

// An IPv6 address can be written in several ways; this is the shortest.
function shortest(address: string): string | undefined {
  return URL.parse(`http://${address}`)?.hostname;
}
