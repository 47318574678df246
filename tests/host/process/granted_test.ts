/** How Deno applies the permission flags: each test starts processes that try allowed and denied access. */

import assert from "node:assert/strict";
import type { PermissionOptions } from "../../../runtime/core/api/options.ts";
import {
  isPermissionEntry,
  type PermissionKind,
} from "../../../runtime/core/permissions/permission_entries.ts";
import { covers } from "../../../runtime/core/permissions/permissions.ts";
import { linksOut } from "../../../runtime/core/permissions/links.ts";
import { withFolder } from "../../support/folder.ts";
import { type Attempt, outcomes, tryAll } from "../attempts.ts";

/** A server for one test that answers every request. */
function server(): AsyncDisposable & { readonly at: string; readonly port: number } {
  const serving = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("ok"),
  );
  const { port } = serving.addr;
  return { at: `127.0.0.1:${port}`, port, [Symbol.asyncDispose]: () => serving.shutdown() };
}

Deno.test("A process without permissions is denied everything", async () => {
  await using serving = server();
  await using folder = await withFolder({ "secret.txt": "", "secret.json": "{}", "secret.ts": "" });
  const denied: Attempt[] = [
    ["read", folder.at("secret.txt")],
    ["read", "/etc/passwd"],
    ["read by fetch", folder.at("secret.txt")],
    ["node read", folder.at("secret.txt")],
    ["stat", folder.path],
    ["require", folder.at("secret.json")],
    ["write", folder.at("new.txt")],
    ["make temp", ""],
    ["symlink", folder.at("secret.txt")],
    ["connect", serving.at],
    ["fetch", `http://${serving.at}/`],
    ["node connect", serving.at],
    ["node get", `http://${serving.at}/`],
    ["listen", "127.0.0.1:0"],
    ["unix", folder.at("a.sock")],
    ["env", "KEY"],
    ["set env", "KEY"],
    ["node env", "KEY"],
    ["environment", ""],
    ["node environment", ""],
    ["run", Deno.execPath()],
    ["node spawn", Deno.execPath()],
    ["kill parent", ""],
    ["node kill parent", ""],
    ["ffi", folder.at("lib.so")],
    ["pointer", ""],
    ["sys", "hostname"],
    ["node hostname", ""],
  ];
  const said = await outcomes({}, denied, { env: { KEY: "1" } });
  assert.deepEqual(denied.filter((_, i) => said[i] !== "NotCapable"), []);
});

Deno.test("A process imports only files that it may read, and no remote modules", async () => {
  await using folder = await withFolder({
    "in/a.json": "{}",
    "secret.txt": "",
    "secret.json": "{}",
    "secret.ts": "",
  });
  const attempts: Attempt[] = [
    ["import json", folder.at("in/a.json")],
    ["import text", folder.at("secret.txt")],
    ["import json", folder.at("secret.json")],
    ["import", folder.at("secret.ts")],
    ["import text", "/etc/passwd"],
    ["import remote", "http://127.0.0.1:1/mod.ts"],
  ];
  const said = await tryAll({ read: [folder.at("in")], net: true }, attempts);
  assert.deepEqual(said.map((error) => error && error.code), [
    null,
    ...Array(5).fill("ERR_MODULE_NOT_FOUND"),
  ]);
});

Deno.test("Permissions to read and write apply to the granted paths and everything below", async () => {
  await using folder = await withFolder({
    "in/a.txt": "",
    "in/deep/b.txt": "",
    "inside.txt": "",
    "out/c.txt": "",
    "in/a b.txt": "",
  });
  const read = await outcomes({ read: ["in"] }, [
    ["read", folder.at("in/a.txt")],
    ["read", folder.at("in/deep/b.txt")],
    ["read", "in/a b.txt"],
    ["read", folder.at("inside.txt")],
    ["read", folder.at("in/../out/c.txt")],
    ["read", folder.path],
    ["write", folder.at("in/a.txt")],
  ], { cwd: folder.path });
  assert.deepEqual(read, ["ok", "ok", "ok", ...Array(4).fill("NotCapable")]);

  const written = await outcomes({ write: [folder.at("out")] }, [
    ["write", folder.at("out/new.txt")],
    ["write", folder.at("in/new.txt")],
    ["read", folder.at("out/c.txt")],
  ]);
  assert.deepEqual(written, ["ok", "NotCapable", "NotCapable"]);
});

Deno.test("A link that leads out of a granted folder is not followed", async () => {
  await using outside = await withFolder({ "secret.txt": "secret", "deep/secret.txt": "secret" });
  await using folder = await withFolder({ "a.txt": "", "sub/b.txt": "" });
  await Deno.symlink(outside.at("secret.txt"), folder.at("file"));
  await Deno.symlink(outside.path, folder.at("sub/folder"));
  await Deno.symlink("file", folder.at("chain"));
  await Deno.symlink("sub", folder.at("other"));
  await Deno.symlink("a.txt", folder.at("inside"));
  const attempts: Attempt[] = [
    ["read", folder.at("a.txt")],
    ["read", folder.at("inside")],
    ["read", folder.at("file")],
    ["read", folder.at("chain")],
    ["read", folder.at("sub/folder/deep/secret.txt")],
    ["read", folder.at("other/folder/secret.txt")],
    ["import text", folder.at("file")],
  ];
  const links = await linksOut(folder.path);
  const said = await outcomes({ read: [folder.path] }, attempts, { linksOut: links });
  assert.deepEqual(said, ["ok", "ok", ...Array(4).fill("NotCapable"), "TypeError"]);
});

Deno.test("A process reaches only granted hosts: a host, a host with its port, or the hosts below one", async () => {
  await using granted = server();
  await using other = server();
  const attempts: Attempt[] = [
    ["connect", granted.at],
    ["fetch", `http://${granted.at}/`],
    ["node connect", granted.at],
    ["connect", other.at],
    ["fetch", `http://${other.at}/`],
    ["node connect", other.at],
    ["listen", "127.0.0.1:0"],
  ];
  assert.deepEqual(await outcomes({ net: [granted.at] }, attempts), [
    ...Array(3).fill("ok"),
    ...Array(4).fill("NotCapable"),
  ]);
  assert.deepEqual(await outcomes({ net: ["127.0.0.1"] }, attempts), Array(7).fill("ok"));
  assert.deepEqual(await outcomes({ net: true }, attempts), Array(7).fill("ok"));
});

Deno.test("A permission for all of the network does not include unix sockets, which also need read and write access", async () => {
  await using folder = await withFolder();
  const path = folder.at("a.sock");
  using _listener = Deno.listen({ transport: "unix", path });
  const attempt: Attempt[] = [["unix", path]];

  assert.deepEqual(await outcomes({ net: true }, attempt), ["NotCapable"]);
  assert.deepEqual(await outcomes({ net: ["localhost"], read: [path], write: [path] }, attempt), [
    "NotCapable",
  ]);
  assert.deepEqual(await outcomes({ net: [`unix:${path}`], read: [path], write: [path] }, attempt), ["ok"]);
});

Deno.test("A process sees only the variables that it may read, and not even the names of others", async () => {
  const env = { KEY: "1", AWS_A: "2", SECRET: "3" };
  assert.deepEqual(
    await outcomes({ env: ["KEY", "AWS_*"] }, [
      ["env", "KEY"],
      ["node env", "AWS_A"],
      ["env", "AWS_NOT_SET"],
      ["env", "SECRET"],
      ["env", "HOME"],
      ["environment", ""],
    ], { env }),
    ["ok", "ok", "ok", "NotCapable", "NotCapable", "NotCapable"],
  );
  assert.deepEqual(await outcomes({ env: ["*"] }, [["environment", ""]], { env }), ["ok"]);
});

Deno.test("No permission opens the process's own memory and environment", async () => {
  const attempts: Attempt[] = [["read", "/proc/self/environ"], ["write", "/proc/self/mem"]];
  assert.deepEqual(await outcomes({ read: true, write: true }, attempts), ["NotCapable", "NotCapable"]);
});

Deno.test("A process runs a program by its path, or by its name if PATH leads to it", async () => {
  const env = { PATH: "/usr/bin:/bin" };
  const attempts: Attempt[] = [["run", "env"], ["run", "ls"], ["kill parent", ""], [
    "run with",
    "LD_PRELOAD",
  ]];
  assert.deepEqual(await outcomes({ run: ["env"], env: ["PATH"] }, attempts, { env }), [
    "ok",
    ...Array(3).fill("NotCapable"),
  ]);
  assert.deepEqual(await outcomes({ run: ["/usr/bin/env"] }, [["run", "/usr/bin/env"], ["run", "/bin/sh"]]), [
    "ok",
    "NotCapable",
  ]);
  assert.deepEqual(await outcomes({ run: true }, [["kill parent", ""], ["run with", "LD_PRELOAD"]]), [
    "ok",
    "ok",
  ]);
});

Deno.test("A process uses only the native libraries and facts of the system that are named", async () => {
  assert.deepEqual(
    await tryAll({ ffi: ["/nowhere/a.so"] }, [["ffi", "/nowhere/a.so"], ["ffi", "/nowhere/b.so"]])
      .then((said) => said.map((error) => error!.name === "NotCapable")),
    [false, true],
  );
  assert.deepEqual(await outcomes({ sys: ["hostname"] }, [["sys", "hostname"], ["sys", "osRelease"]]), [
    "ok",
    "NotCapable",
  ]);
});

Deno.test("Deno accepts every valid permission entry", async () => {
  const every: Required<PermissionOptions> = {
    net: [
      "api.example",
      "API.example.:443",
      "*.example:80",
      "a_b-.example",
      "1.2.3.4:0",
      "[0:0::1]",
      "[::ffff:1.2.3.4]:080",
      "unix:/run/a b.sock",
      `${"a".repeat(63)}.example`,
    ],
    env: ["KEY", "AWS_*", "a.b-c", "\u00fc"],
    read: ["a b", "~", ".", "a=b", "\u00fc"],
    write: ["*"],
    run: ["no such program", "/usr/bin/no-such-program"],
    ffi: ["a.so"],
    sys: [
      ..."cpus getPriority getegid gid homedir hostname loadavg networkInterfaces osRelease".split(" "),
      ..."osUptime setPriority statfs systemMemoryInfo uid userInfo username".split(" "),
    ],
  };
  for (const [kind, entries] of Object.entries(every) as [PermissionKind, string[]][]) {
    for (const entry of entries) assert.ok(isPermissionEntry(kind, entry), `${kind} ${entry}`);
  }
  assert.deepEqual(await outcomes(every, [["query", '{"name":"net","host":"api.example:1"}']]), ["ok"]);
});

Deno.test("A ceiling covers exactly what Deno would grant for it", async () => {
  const keys = { net: "host", env: "variable", read: "path", write: "path", sys: "kind" };
  const paths = { cwd: Deno.cwd(), realPath: (path: string) => path };
  const cases: [keyof typeof keys, ceilings: string[], asked: string[]][] = [
    [
      "net",
      ["api.example", "api.example:443", "*.example", "*.example:80", "[::1]:80", "127.0.0.1"],
      [
        ..."api.example api.example:443 API.EXAMPLE:80 my.api.example example example:80 other.test".split(
          " ",
        ),
        ..."[::1] [::1]:80 [0::1]:80 127.0.0.1 127.0.0.1:80 localhost notexample api.example.:443".split(" "),
      ],
    ],
    ["env", ["KEY", "AWS_*", "*"], ["KEY", "key", "KEY_2", "AWS_A", "AWS_", "AWS"]],
    ["read", ["data", "/srv/x"], [
      "data",
      "data/a",
      "database",
      "data/../data/b",
      "/srv/x/y",
      "/srv",
      "/srv/xy",
    ]],
    ["write", [".", "/"], ["a", "..", "/", "/etc"]],
    ["sys", ["hostname"], ["hostname", "cpus"]],
  ];
  await Promise.all(cases.flatMap(([kind, ceilings, asked]) =>
    ceilings.map(async (ceiling) => {
      const attempts = asked.map((
        one,
      ): Attempt => ["query", JSON.stringify({ name: kind, [keys[kind]]: one })]);
      const granted = await outcomes({ [kind]: [ceiling] }, attempts);
      const covered = asked.map((one) => covers({ [kind]: [ceiling] }, kind, one, paths) ? "ok" : "Error");
      assert.deepEqual(covered, granted, `${kind} ${ceiling}: ${asked.join(" ")}`);
    })
  ));
});
