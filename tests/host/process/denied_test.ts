/** Deno's errors about denied access, each from its own process, become sentences with what to write. */

import assert from "node:assert/strict";
import { explainDenied } from "../../../runtime/core/permissions/denied.ts";
import type { PermissionOptions } from "../../../runtime/core/api/options.ts";
import { queue } from "../../../runtime/mod.ts";
import { declared } from "../../support/declared.ts";
import { withFolder } from "../../support/folder.ts";
import { type Attempt, type AttemptOptions, outcomes, tryAll } from "../attempts.ts";

const anything: PermissionOptions = {
  net: true,
  env: ["*"],
  read: true,
  write: true,
  run: true,
  ffi: true,
  sys: true,
};

/** A function that asks for permissions under a ceiling that allows all. */
const asking = (permissions: PermissionOptions) =>
  declared(queue("mails", { permissions }, () => {}), {
    name: "mail",
    config: { defaults: { permissions: anything } },
  });

/** The sentences for denied attempts. */
async function sentences(
  attempts: readonly Attempt[],
  permissions: PermissionOptions = {},
): Promise<string[]> {
  const said = await tryAll(permissions, attempts);
  return said.map((error) => explainDenied(error, asking(permissions)) ?? JSON.stringify(error));
}

const may = (not: string, permissions: string) =>
  `functions/mail.ts may not ${not}; write in the file: permissions: ${permissions}`;

Deno.test("A denied file is explained, however it was opened", async () => {
  const read = may('read "/etc/passwd"', '{ read: ["/etc/passwd"] }');
  const kinds = ["read", "read by fetch", "node read", "stat", "require", "import", "import text", "wrapped"];
  assert.deepEqual(await sentences(kinds.map((kind) => [kind, "/etc/passwd"])), kinds.map(() => read));
  assert.deepEqual(
    await sentences([["write", "/tmp/a.txt"], ["make temp", ""], ["read", "data.txt"], ["read", '/a"b']]),
    [
      may('write "/tmp/a.txt"', '{ write: ["/tmp/a.txt"] }'),
      may('write "/tmp"', '{ write: ["/tmp"] }'),
      may('read "data.txt"', '{ read: ["data.txt"] }'),
      may('read "/a\\"b"', '{ read: ["/a\\"b"] }'),
    ],
  );
  assert.deepEqual(await sentences([["symlink", "/tmp/a"]], { write: ["/tmp"] }), [
    may("make a symbolic link", "{ read: true, write: true }"),
  ]);
  assert.deepEqual(await sentences([["read", "/proc/self/environ"]], { read: true }), [
    'functions/mail.ts may not open "/proc/self/environ"; no permission allows it',
  ]);
});

Deno.test("A denied host is explained, with its port if it is known", async () => {
  assert.deepEqual(
    await sentences([
      ["fetch", "https://api.example/path"],
      ["connect", "db.example:5432"],
      ["connect", "[::1]:80"],
      ["node connect", "127.0.0.1:80"],
      ["listen", "0.0.0.0:8080"],
      ["node connect", "api.example:443"],
      ["node get", "http://api.example/"],
      ["lookup", "api.example"],
    ]),
    [
      may('connect to "api.example:443"', '{ net: ["api.example:443"] }'),
      may('connect to "db.example:5432"', '{ net: ["db.example:5432"] }'),
      may('connect to "[::1]:80"', '{ net: ["[::1]:80"] }'),
      may('connect to "127.0.0.1:80"', '{ net: ["127.0.0.1:80"] }'),
      may('listen on "0.0.0.0:8080"', '{ net: ["0.0.0.0:8080"] }'),
      ...Array(3).fill(may('look up "api.example"', '{ net: ["api.example"] }')),
    ],
  );
  assert.deepEqual(
    await sentences([["unix", "/run/a.sock"]], { read: ["/run"], write: ["/run"] }),
    [may(
      'connect to "unix:/run/a.sock"',
      '{ net: ["unix:/run/a.sock"], read: ["/run"], write: ["/run"] }',
    )],
  );
});

Deno.test("A denied variable is explained", async () => {
  const key = may('read the variable "KEY"', '{ env: ["KEY"] }');
  const all = may("read the whole environment", '{ env: ["*"] }');
  assert.deepEqual(
    await sentences([
      ["env", "KEY"],
      ["set env", "KEY"],
      ["node env", "KEY"],
      ["environment", ""],
      ["node environment", ""],
      ["node spawn", "ls"],
    ]),
    [key, key, key, all, all, all],
  );
});

Deno.test("A denied variable that a package reads is explained, and the package itself loads without a permission", async () => {
  assert.deepEqual(await sentences([["npm's help", import.meta.resolve("commander")]]), [
    may('read the variable "CLICOLOR_FORCE"', '{ env: ["CLICOLOR_FORCE"] }'),
  ]);
});

Deno.test("A denied program, signal, library or fact of the system is explained", async () => {
  assert.deepEqual(
    await sentences([
      ["run", "/bin/sh"],
      ["kill parent", ""],
      ["node kill parent", ""],
      ["ffi", "/lib/a.so"],
      ["pointer", ""],
      ["sys", "hostname"],
      ["node hostname", ""],
      ["sys", "umask"],
    ]),
    [
      may('run "/bin/sh"', '{ run: ["/bin/sh"] }'),
      may("signal another process", "{ run: true }"),
      may("signal another process", "{ run: true }"),
      may('load "/lib/a.so"', '{ ffi: ["/lib/a.so"] }'),
      may("use native code", "{ ffi: true }"),
      may('read "hostname" of the system', '{ sys: ["hostname"] }'),
      may('read "hostname" of the system', '{ sys: ["hostname"] }'),
      may('read "umask" of the system', "{ sys: true }"),
    ],
  );
  assert.deepEqual(await sentences([["run with", "LD_PRELOAD"]], { run: ["/bin/sh"] }), [
    may("choose the libraries of a program that it runs", "{ run: true }"),
  ]);
});

Deno.test("A denied program that is started by its name is explained together with PATH", async () => {
  const [unfound] = await tryAll({}, [["run", "ls"]], { env: { PATH: "/usr/bin:/bin" } });
  assert.equal(explainDenied(unfound, asking({})), may('run "ls"', '{ env: ["PATH"], run: ["ls"] }'));
  assert.equal(
    explainDenied(unfound, asking({ run: true })),
    may('run "ls"', '{ env: ["PATH"], run: true }'),
  );
  assert.equal(explainDenied(unfound, asking({ env: ["PATH"] })), undefined, "there is no such program");
  const [error] = await tryAll({ env: ["PATH"] }, [["run", "ls"]], { env: { PATH: "/usr/bin:/bin" } });
  assert.equal(
    explainDenied(error, asking({ env: ["PATH"] })),
    may('run "ls"', '{ env: ["PATH"], run: ["ls"] }'),
  );
  assert.equal(
    explainDenied(error, asking({ env: ["KEY"] })),
    may('run "ls"', '{ env: ["KEY", "PATH"], run: ["ls"] }'),
  );
});

Deno.test("Writing the suggested line grants what was denied", async () => {
  await using folder = await withFolder({ "a.txt": "", "out/b.txt": "" });
  const serving = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("ok"),
  );
  const at = `127.0.0.1:${serving.addr.port}`;
  const options: AttemptOptions = { env: { KEY: "1", PATH: "/usr/bin:/bin" } };
  const attempts: Attempt[] = [
    ["read", folder.at("a.txt")],
    ["write", folder.at("out/b.txt")],
    ["import text", folder.at("a.txt")],
    ["symlink", folder.at("a.txt")],
    ["fetch", `http://${at}/`],
    ["node connect", at],
    ["lookup", "localhost"],
    ["env", "KEY"],
    ["environment", ""],
    ["run", "ls"],
    ["kill parent", ""],
    ["sys", "hostname"],
    ["sys", "umask"],
    ["pointer", ""],
  ];
  for (const attempt of attempts) {
    const [error] = await tryAll({}, [attempt], options);
    const sentence = explainDenied(error, asking({})) ?? `Not told: ${JSON.stringify(error)}`;
    const [, written] = sentence.split("write in the file: permissions: ");
    assert.ok(written !== undefined, sentence);
    const permissions = new Function(`return ${written}`)() as PermissionOptions;
    assert.deepEqual(await outcomes(permissions, [attempt], options), ["ok"], `${attempt}: ${sentence}`);
  }
  await serving.shutdown();
});
