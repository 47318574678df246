import assert from "node:assert/strict";
import {
  isPermissionEntry,
  parseEndpoint,
  type PermissionKind,
  permissionKinds,
} from "../../../runtime/core/permissions/permission_entries.ts";

const taken: Record<PermissionKind, string[]> = {
  net: [
    "api.example",
    "API.example:443",
    "api.example.",
    "*.example",
    "*.example:80",
    "localhost:0",
    "a_b-c.example",
    "127.0.0.1:5672",
    "[::1]",
    "[2001:db8::1]:443",
    "unix:/run/a.sock",
  ],
  env: ["KEY", "AWS_*", "*", "npm_config_x", "a.b"],
  read: ["data", "./data", "../data", "/", "with space", "ümlaut", "a-b"],
  write: ["data"],
  run: ["git", "/usr/bin/git", "./tool"],
  ffi: ["libimage.so", "/usr/lib/libimage.so"],
  sys: ["hostname", "cpus", "userInfo"],
};

const refused: Partial<Record<PermissionKind, string[]>> = {
  net: [
    "*",
    "*:80",
    "api.*",
    "a*.example",
    "*.[::1]",
    ":80",
    "api.example:",
    "api.example:*",
    "api.example:65536",
    "api.example:80-90",
    "https://api.example",
    "api.example/path",
    "10.0.0.0/8",
    "::1",
    "[::1",
    "[1::2::3]",
    "a..b",
    ".example",
    "a b",
    "é.example",
    "unix:run/a.sock",
    "unix:",
    "vsock:1:2",
    `${"a".repeat(64)}.example`,
    Array(5).fill("a".repeat(60)).join("."),
  ],
  env: ["A=B", "A*B", "**", "A B", "A\n"],
  sys: ["bogus", "umask", "Hostname"],
};

for (const kind of permissionKinds) {
  Deno.test(`Entries of the permission '${kind}' are valid only in their forms`, () => {
    for (const entry of taken[kind]) assert.ok(isPermissionEntry(kind, entry), entry);
    for (const entry of refused[kind] ?? []) assert.ok(!isPermissionEntry(kind, entry), entry);
  });

  Deno.test(`An entry of the permission '${kind}' cannot add an argument or another entry`, () => {
    const [entry] = taken[kind] as [string];
    for (
      const wrong of ["", ",", `${entry},${entry}`, `${entry},`, `-${entry}`, "--allow-all", `${entry}\0`]
    ) {
      assert.ok(!isPermissionEntry(kind, wrong), wrong);
    }
    assert.ok(!isPermissionEntry(kind, "a".repeat(1001)));
  });
}

Deno.test("Different spellings of a host and port are the same endpoint", () => {
  const host = { kind: "host", below: false, port: undefined };
  assert.deepEqual(parseEndpoint("API.Example."), { ...host, host: "api.example" });
  assert.deepEqual(parseEndpoint("api.example:080"), { ...host, host: "api.example", port: 80 });
  assert.deepEqual(parseEndpoint("*.example:80"), { kind: "host", host: "example", below: true, port: 80 });
  assert.deepEqual(parseEndpoint("[0:0::0:1]:80"), { ...host, host: "[::1]", port: 80 });
  assert.deepEqual(parseEndpoint("unix:/run/a.sock"), { kind: "unix", path: "/run/a.sock" });
});
