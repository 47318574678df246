import assert from "node:assert/strict";
import { join } from "node:path";
import type { Config, PermissionOptions } from "../../../runtime/core/api/options.ts";
import { checkPermissions } from "../../../runtime/discover/check/permissions.ts";
import { queue } from "../../../runtime/mod.ts";
import { readFolder } from "../../../runtime/app/functions_folder.ts";
import { checked, declared, problems } from "../../support/declared.ts";
import { withFolder } from "../../support/folder.ts";

// Files are run without their types being checked, so anything may come.
// deno-lint-ignore no-explicit-any
type Anything = any;

const handler = () => {};
const asking = (permissions: Anything) => queue("mails", { permissions }, handler);

/** What is wrong with the function 'mail' when it asks for permissions. */
const refusals = (permissions: Anything, config: Config = {}) =>
  problems(asking(permissions), { name: "mail", config }).map(({ message, fix }) => `${message}; ${fix}`);

const notices = (permissions: PermissionOptions, config: Config): readonly string[] => {
  const result = checked(asking(permissions), { name: "mail", config });
  assert.equal(result.kind, "declared");
  return result.kind === "declared" ? result.notices : [];
};

const ceiling = (permissions: PermissionOptions): Config => ({ functions: { "ma*": { permissions } } });

Deno.test("A function gets the permissions that its file asks for", () => {
  const permissions = { net: ["api.example:443"], env: ["KEY"], read: ["/functions/prices"] };
  assert.deepEqual(declared(asking(permissions)).settings.permissions, permissions);
  assert.deepEqual(declared(queue("mails", handler)).settings.permissions, {});
});

Deno.test("A permission that deploy.config.ts allows is granted only if the file asks for it", () => {
  const config = ceiling({ net: true, run: ["git"] });
  const { settings, bounds } = declared(asking({ net: ["a"] }), { name: "mail", config });
  assert.deepEqual(settings.permissions, { net: ["a"] });
  assert.deepEqual(bounds.ceiling, { net: true, run: ["git"] });
  assert.deepEqual(declared(queue("mails", handler), { name: "mail", config }).settings.permissions, {});
});

Deno.test("A permission that needs a grant is refused with the line for deploy.config.ts", () => {
  const word = (permissions: string) =>
    `remove it, or write in deploy.config.ts: functions: { "mail": { permissions: ${permissions} } }`;
  const may = (kind: string, asked: string, why: string) =>
    `Option 'permissions.${kind}': the file may not ask for ${asked}: ${why} must be granted in deploy.config.ts`;

  assert.deepEqual(refusals({ net: ["api.example:443"], write: ["/data"] }), [
    `${may("write", '["/data"]', "'write'")}; ${word('{ net: ["api.example:443"], write: ["/data"] }')}`,
  ]);
  assert.deepEqual(refusals({ read: ["/functions/a", "/etc"] }), [
    `${may("read", '["/etc"]', "reading outside the functions folder")}; ${
      word('{ read: ["/functions/a", "/etc"] }')
    }`,
  ]);
  assert.deepEqual(refusals({ read: true }), [
    `${may("read", "true", "reading outside the functions folder")}; ${word("{ read: true }")}`,
  ]);
  assert.deepEqual(refusals({ env: ["*"] }), [
    `${may("env", '["*"]', "a pattern of variables")}; ${word('{ env: ["*"] }')}`,
  ]);
  assert.deepEqual(refusals({ env: ["KEY", "AMQP_URL"] }), [
    `${
      may(
        "env",
        '["AMQP_URL"]',
        '"AMQP_URL" holds the broker\'s password, functions send by ctx.send, ctx.publish and ctx.call, and it',
      )
    }; ${word('{ env: ["KEY", "AMQP_URL"] }')}`,
  ]);
  assert.deepEqual(refusals({ env: ["https_proxy"] }), [
    `${may("env", '["https_proxy"]', '"https_proxy" decides where the function connects, and')}; ${
      word('{ env: ["https_proxy"] }')
    }`,
  ]);
  assert.deepEqual(refusals({ net: ["unix:/run/docker.sock"] }), [
    `${may("net", '["unix:/run/docker.sock"]', "a unix socket")}; ${
      word('{ net: ["unix:/run/docker.sock"] }')
    }`,
  ]);
  for (const kind of ["run", "ffi", "sys"]) {
    assert.deepEqual(refusals({ [kind]: true }), [
      `${may(kind, "true", `'${kind}'`)}; ${word(`{ ${kind}: true }`)}`,
    ]);
  }
});

Deno.test("A variable that controls the process itself is given to no function, even if deploy.config.ts allows it", () => {
  const names = [
    "DENO_DIR",
    "DENO_V8_FLAGS",
    "NODE_OPTIONS",
    "LD_PRELOAD",
    "LD_*",
    "DENO_*",
    "GLIBC_TUNABLES",
  ];
  for (const config of [{}, ceiling({ env: ["*"] }), ceiling({ env: names })]) {
    for (const name of names) {
      assert.deepEqual(refusals({ env: ["KEY", name] }, config), [
        `Option 'permissions.env': "${name}" steers the process itself and is given to no function; ` +
        "remove it; give the function's own variables other names",
      ]);
    }
  }
  assert.deepEqual(refusals({ env: ["NODE_ENV", "NODE_DEBUG", "TZ", "HOME", "SSL_CERT_FILE"] }), []);
  assert.deepEqual(refusals({ env: ["D*", "HTTP_PROXY"] }, ceiling({ env: ["*"] })), []);
});

Deno.test("The suggested line for deploy.config.ts makes the function valid", () => {
  const asked: PermissionOptions = {
    net: ["a:1"],
    env: ["PATH"],
    read: true,
    write: ["/data"],
    run: ["git"],
  };
  const [refused = ""] = refusals(asked, ceiling({ net: ["b"] }));
  const written = refused.slice(refused.indexOf("functions: ") + "functions: ".length);
  const functions = new Function(`return ${written}`)();
  assert.deepEqual(functions, {
    mail: { permissions: { ...asked, net: ["b", "a:1"] } },
  });
  assert.deepEqual(refusals(asked, { functions }), []);
});

Deno.test("A permission above the ceiling is refused with what the ceiling allows", () => {
  assert.deepEqual(refusals({ net: ["api.example"], env: ["KEY"] }, ceiling({ net: ["api.example:443"] })), [
    "Option 'permissions.net': the file may not ask for [\"api.example\"]: deploy.config.ts allows it no more " +
    'than net: ["api.example:443"]; remove it, or write in deploy.config.ts: functions: { "mail": ' +
    '{ permissions: { net: ["api.example:443", "api.example"], env: ["KEY"] } } }',
    "Option 'permissions.env': the file may not ask for [\"KEY\"]: deploy.config.ts allows it no 'env'; remove " +
    'it, or write in deploy.config.ts: functions: { "mail": { permissions: { net: ["api.example:443", ' +
    '"api.example"], env: ["KEY"] } } }',
  ]);
  assert.deepEqual(refusals({ net: ["api.example:443"] }, ceiling({ net: ["*.example"] })), []);
});

Deno.test("A problem with a permission has the line of that permission", () => {
  const source = `import { queue } from "hopper";
const read = 1;

export default queue("mails", {
  permissions: {
    net: ["api.example"],
    read: ["/etc"],
  },
}, handler);`;
  const [problem] = problems(asking({ net: ["api.example"], read: ["/etc"] }), { source });
  assert.deepEqual([problem!.line, problem!.column], [7, 5]);
});

Deno.test("Entries of permissions that Deno cannot take, or would misread, are refused", () => {
  const told = (permissions: Anything) => problems(asking(permissions)).map(({ message }) => message);
  assert.deepEqual(told({ net: ["a.example", "b.example,c.example"] }), [
    `Option 'permissions.net.1': expected a host, such as "api.example:443", "*.example", "[::1]:80" or ` +
    `"unix:/run/a.sock", got "b.example,c.example"`,
  ]);
  assert.deepEqual(told({ read: [""] }), [
    `Option 'permissions.read.0': expected a path, such as "data", without commas and not beginning with "-", got ""`,
  ]);
  for (const entry of ["", "a,b", "-A", "a\0b"]) {
    for (const kind of ["net", "env", "read", "write", "run", "ffi", "sys"]) {
      assert.equal(told({ [kind]: [entry] }).length, 1, `${kind} ${entry}`);
    }
  }
  assert.equal(
    told({ env: Array(101).fill("KEY") })[0]!.split(",")[0],
    "Option 'permissions.env': expected at most 100 entries",
  );
});

Deno.test("A path below a folder with a comma in its name is refused", () => {
  const bounds = {
    ceiling: { read: true },
    folder: "/a,b/functions",
    cwd: "/a,b",
    realPath: (path: string) => path,
  };
  assert.deepEqual(checkPermissions("mail", { read: ["data"] }, bounds), [{
    kind: "read",
    message: `Option 'permissions.read': "/a,b/data" has a comma, which Deno cannot take in a path`,
    fix: "rename the folder",
  }]);
  assert.deepEqual(checkPermissions("mail", { read: ["/data"] }, bounds), []);
  assert.deepEqual(checkPermissions("mail", { read: true }, bounds), []);
});

Deno.test("A permission to run a program by its name also needs the variable PATH", () => {
  const allowed = ceiling({ run: true, env: ["*"] });
  assert.deepEqual(refusals({ run: ["git"] }, allowed), [
    "Option 'permissions.run': \"git\" is looked up in PATH, which the file does not ask for; " +
    'write the program\'s path, or also: env: ["PATH"]',
  ]);
  assert.deepEqual(refusals({ run: ["git"], env: ["PATH"] }, allowed), []);
  assert.deepEqual(refusals({ run: ["git"], env: ["PA*"] }, allowed), []);
  assert.deepEqual(refusals({ run: ["/usr/bin/git"] }, allowed), []);
});

Deno.test("A permission that can undo the isolation is reported at the start", () => {
  const told = (permissions: PermissionOptions) =>
    notices(permissions, ceiling(permissions)).filter((notice) => !notice.includes("no effect"));
  const undoes = (what: string) => [
    `functions/mail.ts can undo its isolation, as deploy.config.ts allows it ${what}`,
  ];

  assert.deepEqual(told({ run: ["/bin/ls"] }), undoes('run: ["/bin/ls"]'));
  assert.deepEqual(told({ run: true, ffi: ["/lib/x.so"] }), undoes('run: true, ffi: ["/lib/x.so"]'));
  assert.deepEqual(told({ write: true }), undoes("write: true"));
  const runtime = join(Deno.cwd(), "runtime");
  for (const path of ["/functions", "/functions/mail.ts", "/", runtime, ".", "deploy.config.ts"]) {
    assert.deepEqual(told({ write: [path] }), undoes(`write: [${JSON.stringify(path)}]`));
  }
  assert.deepEqual(told({ write: ["/data", "/functionsx"], net: true, read: true, sys: true }), []);
});

Deno.test("Permissions of an inline function have no effect, which is reported", () => {
  const config: Config = { defaults: { isolate: "inline" }, functions: { "*": { permissions: {} } } };
  const notice =
    "functions/mail.ts: 'permissions' has no effect: deploy.config.ts has it run inside the runtime, " +
    "with the runtime's own";

  assert.deepEqual(refusals({ run: true }, config), []);
  assert.ok(notices({ run: true }, config).includes(notice));
  assert.ok(!notices({}, config).includes(notice));
});

Deno.test("A link that leads out of the functions folder counts as outside for 'read'", async () => {
  const source = (path: string) =>
    `export default (await import(${
      JSON.stringify(new URL("../../../runtime/mod.ts", import.meta.url).href)
    }))
      .queue("q", { permissions: { read: [${JSON.stringify(path)}] } }, () => {});`;
  await using folder = await withFolder({ "_data/prices.txt": "" });
  await Deno.writeTextFile(folder.at("inside.ts"), source(folder.at("_data/prices.txt")));
  await Deno.writeTextFile(folder.at("outside.ts"), source(folder.at("_data/secret")));
  await Deno.symlink("/etc/passwd", folder.at("_data/secret"));

  const { functions, problems } = await readFolder(folder.path, {});

  assert.deepEqual(functions.map(({ name }) => name), ["inside"]);
  assert.deepEqual(problems.map(({ file, line, message }) => [file, line, message]), [[
    folder.at("outside.ts"),
    2,
    `Option 'permissions.read': the file may not ask for ["${
      folder.at("_data/secret")
    }"]: reading outside the ` +
    "functions folder must be granted in deploy.config.ts",
  ]]);
});
