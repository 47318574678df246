import type { PermissionOptions } from "../api/options.ts";

/** What a permission is about. */
export type PermissionKind = keyof PermissionOptions;

/** Every kind, in the order they are written. */
export const permissionKinds: readonly PermissionKind[] = [
  "net",
  "env",
  "read",
  "write",
  "run",
  "ffi",
  "sys",
];

/** Where a process may connect to or listen on; a port that is not said is any. */
export type Endpoint =
  | { readonly kind: "host"; readonly host: string; readonly below: boolean; readonly port?: number }
  | { readonly kind: "unix"; readonly path: string };

/** What an entry of each kind looks like, for "expected …". */
export const expectedEntry: Readonly<Record<PermissionKind, string>> = {
  net: 'Expected a host, as "api.example:443", "*.example", "[::1]:80" or "unix:/run/a.sock"',
  env: 'Expected a variable\'s name, as "API_KEY" or "AWS_*"',
  read: expectedPath("data"),
  write: expectedPath("data"),
  run: 'Expected a program, as "git" or "/usr/bin/git", without commas',
  ffi: expectedPath("libimage.so"),
  sys: 'Expected a fact Deno can grant alone, as "hostname" or "cpus"; true is all of them',
};

function expectedPath(example: string): string {
  return `Expected a path, as ${JSON.stringify(example)}, without commas and not beginning with "-"`;
}

// Those that `--allow-sys=` takes; others, such as umask, come with all of them only.
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

// A list becomes one argument of a command line, and Linux takes 128 KiB.
const longest = 1000;

/** Whether Deno can be given an entry, and reads it as one. A comma would end it, and there is no escape for one. */
export function isPermissionEntry(kind: PermissionKind, entry: string): boolean {
  if (entry === "" || entry.length > longest || entry.startsWith("-") || /[,\0]/.test(entry)) return false;
  if (kind === "net") return parseEndpoint(entry) !== undefined;
  if (kind === "env") return /^[^\s=*]+\*?$|^\*$/.test(entry);
  return kind !== "sys" || facts.includes(entry);
}

/** `api.example:443`, `*.example`, `[::1]:80` or `unix:/run/a.sock` taken apart; nothing if it is none of them. */
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

// One address of IPv6 may be written in many ways.
function shortest(address: string): string | undefined {
  return URL.parse(`http://${address}`)?.hostname;
}
