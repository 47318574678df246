import assert from "node:assert/strict";
import type { PermissionOptions } from "../../../runtime/core/api/options.ts";
import type { PermissionKind } from "../../../runtime/core/permissions/permission_entries.ts";
import {
  allows,
  type Asked,
  beyond,
  type Bounds,
  covers,
  operatorsWord,
  widen,
  written,
} from "../../../runtime/core/permissions/permissions.ts";

// This file system has two links: one out of the functions folder, and one into it.
const links: Record<string, string> = {
  "/srv/functions/secrets": "/etc",
  "/home/me/fn": "/srv/functions",
};
const realPath = (path: string) => {
  const link = Object.keys(links).find((link) => `${path}/`.startsWith(`${link}/`));
  return link === undefined ? path : links[link] + path.slice(link.length);
};
const bounds: Bounds = { folder: "/srv/functions", cwd: "/srv", realPath };
const under = (ceiling: PermissionOptions): Bounds => ({ ...bounds, ceiling });

/** Whether a ceiling with one entry covers the permission that is asked for. */
const fits = (kind: PermissionKind, ceiling: string, asked: Asked) =>
  covers({ [kind]: [ceiling] }, kind, asked, bounds);

/** Checks pairs of a ceiling's entry and an asked entry. */
function check(kind: PermissionKind, expected: boolean, pairs: [ceiling: string, asked: string][]) {
  assert.deepEqual(pairs.filter(([ceiling, asked]) => fits(kind, ceiling, asked) !== expected), []);
}

Deno.test("The permission for a host covers each of its ports, and the one for a port only that port", () => {
  check("net", true, [
    ["api.example", "api.example"],
    ["api.example", "api.example:443"],
    ["api.example:443", "api.example:443"],
    ["API.example", "api.EXAMPLE:443"],
    ["api.example.", "api.example"],
    ["[::1]", "[0::1]:80"],
    ["127.0.0.1", "127.0.0.1:80"],
  ]);
  check("net", false, [
    ["api.example:443", "api.example"],
    ["api.example:443", "api.example:80"],
    ["api.example", "other.example"],
    ["api.example", "my.api.example"],
    ["api.example", "api.example.org"],
    ["example", "api.example"],
    ["[::1]:80", "[::1]"],
    ["[::1]", "[::2]"],
    ["localhost", "127.0.0.1"],
  ]);
});

Deno.test("The permission for a host with a star covers the hosts below it", () => {
  check("net", true, [
    ["*.example", "a.example"],
    ["*.example", "a.b.example:80"],
    ["*.example", "example"],
    ["*.example", "*.example"],
    ["*.example", "*.a.example"],
    ["*.example:80", "a.example:80"],
  ]);
  check("net", false, [
    ["*.example", "notexample"],
    ["*.example:80", "a.example:81"],
    ["*.a.example", "*.example"],
    ["a.example", "*.a.example"],
    ["example", "*.example"],
  ]);
});

Deno.test("The permission for a unix socket covers only that socket", () => {
  check("net", true, [["unix:/run/a.sock", "unix:/run/a.sock"], [
    "unix:/run/a.sock",
    "unix:/run/x/../a.sock",
  ]]);
  check("net", false, [["unix:/run", "unix:/run/a.sock"], ["unix:/run/a.sock", "run:80"], [
    "run",
    "unix:/run",
  ]]);
});

Deno.test("A variable is covered by a permission with its name, or with a pattern that ends with a star", () => {
  check("env", true, [["KEY", "KEY"], ["AWS_*", "AWS_KEY"], ["AWS_*", "AWS_S3_*"], ["*", "KEY"], ["*", "*"]]);
  check("env", false, [["KEY", "key"], ["KEY", "KEY_2"], ["AWS_*", "AWS"], ["AWS_*", "A*"], [
    "AWS_KEY",
    "AWS_*",
  ]]);
});

for (const kind of ["read", "write", "ffi"] as const) {
  Deno.test(`A '${kind}' permission for a path covers the paths below it`, () => {
    check(kind, true, [
      ["data", "data"],
      ["data", "data/prices.json"],
      ["data/", "./data//x/../prices.json"],
      ["/srv/data", "data/a"],
      ["data", "/srv/data/..a"],
      [".", "data"],
      ["/", "/etc"],
      ["..", "/etc"],
    ]);
    check(kind, false, [
      ["data", "database"],
      ["data/prices.json", "data"],
      ["data", "data/../other"],
      ["data", "/data"],
      ["data", "."],
    ]);
  });

  Deno.test(`A '${kind}' permission for a path follows its links`, () => {
    check(kind, false, [["functions", "functions/secrets"], ["functions", "functions/secrets/shadow"]]);
    check(kind, true, [
      ["/etc", "functions/secrets/shadow"],
      ["functions", "/home/me/fn/prices.json"],
      ["/home/me/fn", "functions/prices.json"],
    ]);
  });
}

Deno.test("A permission for a program covers that name or path, and one for a fact of the system covers that name", () => {
  check("run", true, [["git", "git"], ["/usr/bin/git", "/usr/bin/../bin/git"], ["./tool", "/srv/tool"]]);
  check("run", false, [["git", "/usr/bin/git"], ["/usr/bin", "/usr/bin/git"], ["tool", "./tool"], [
    "git",
    "gi",
  ]]);
  check("sys", true, [["hostname", "hostname"]]);
  check("sys", false, [["hostname", "cpus"]]);
});

Deno.test("A permission of true is covered only by true", () => {
  for (const kind of ["net", "read", "write", "run", "ffi", "sys"] as const) {
    assert.ok(covers({ [kind]: true }, kind, true, bounds));
    assert.ok(covers({ [kind]: true }, kind, "x", bounds));
    assert.ok(!covers({ [kind]: ["x"] }, kind, true, bounds));
    assert.ok(!covers({ [kind]: false }, kind, "x", bounds));
    assert.ok(!covers({ [kind]: [] }, kind, "x", bounds));
  }
});

Deno.test("Without a ceiling a file may ask for hosts, variables by name, and reading in the functions folder", () => {
  const own: PermissionOptions = {
    net: ["api.example:443", "*.example"],
    env: ["KEY"],
    read: ["functions", "functions/prices.json", "/srv/functions"],
    write: [],
    run: false,
  };
  assert.deepEqual(beyond(own, bounds), {});
  assert.deepEqual(beyond({ net: true }, bounds), {});
});

Deno.test("Without a ceiling a file may not ask for sockets, patterns of variables, other folders, or other kinds", () => {
  assert.deepEqual(
    beyond({
      net: ["api.example", "unix:/run/docker.sock"],
      env: ["KEY", "AWS_*", "*", "AMQP_URL"],
      read: ["functions", "data", "functions/../data", "functions/secrets", "functionsx"],
      write: ["functions"],
      run: true,
      ffi: ["lib.so"],
      sys: ["hostname"],
    }, bounds),
    {
      net: ["unix:/run/docker.sock"],
      env: ["AWS_*", "*", "AMQP_URL"],
      read: ["data", "functions/../data", "functions/secrets", "functionsx"],
      write: ["functions"],
      run: true,
      ffi: ["lib.so"],
      sys: ["hostname"],
    },
  );
  assert.deepEqual(beyond({ read: true }, bounds), { read: true });
});

Deno.test("A ceiling denies everything that it does not list", () => {
  const ceiling = under({ net: ["api.example"], write: ["data"] });
  assert.deepEqual(beyond({ net: ["api.example:443"], write: ["data/x"] }, ceiling), {});
  assert.deepEqual(beyond({ net: true, env: ["KEY"], read: ["functions"], write: ["/"] }, ceiling), {
    net: true,
    env: ["KEY"],
    read: ["functions"],
    write: ["/"],
  });
  assert.ok(allows(under({ net: true }), "net", "unix:/run/a.sock"), "any is any");
  assert.deepEqual(beyond({}, under({})), {});
});

Deno.test("Widening permissions adds only what they do not cover", () => {
  const widened = (base: PermissionOptions, more: PermissionOptions) =>
    widen(base, more, (kind, asked) => covers(base, kind, asked, bounds));

  assert.deepEqual(widened({ net: ["api.example"] }, { net: ["api.example:443", "db.example"] }), {
    net: ["api.example", "db.example"],
  });
  assert.deepEqual(widened({ read: ["data"], net: true }, { read: true, net: ["a"] }), {
    read: true,
    net: true,
  });
  assert.deepEqual(widened({}, { env: ["KEY"], run: false }), { env: ["KEY"] });
});

Deno.test("Permissions are printed as in a function's file", () => {
  assert.equal(
    written({ read: true, env: ["A", "B"], net: ["a:1"] }),
    '{ net: ["a:1"], env: ["A", "B"], read: true }',
  );
  assert.equal(written({ net: false, read: [] }), "{}");
  assert.equal(written({ read: ['a"b\n'] }), String.raw`{ read: ["a\"b\n"] }`);
});

Deno.test("The suggested line for deploy.config.ts keeps the ceiling's entries and adds the missing ones", () => {
  assert.equal(
    operatorsWord("billing.charge", { net: ["a", "b"], run: ["git"] }, under({ net: ["a"], env: ["KEY"] })),
    'functions: { "billing.charge": { permissions: { net: ["a", "b"], env: ["KEY"], run: ["git"] } } }',
  );
});
