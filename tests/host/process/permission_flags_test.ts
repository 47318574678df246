import assert from "node:assert/strict";
import { HopperError } from "../../../runtime/core/api/errors.ts";
import { environmentFor, permissionFlags } from "../../../runtime/host/process/permission_flags.ts";

Deno.test("Each permission becomes one flag of Deno with absolute paths", () => {
  assert.deepEqual(
    permissionFlags({
      net: ["api.example:443", "unix:/run/a.sock"],
      env: ["KEY", "AWS_*"],
      read: ["data", "/etc/hosts", "../other"],
      write: ["data/out"],
      run: ["git", "./tool"],
      ffi: ["lib.so"],
      sys: ["hostname"],
    }, { cwd: "/srv/app" }),
    [
      "--allow-net=api.example:443,unix:/run/a.sock",
      "--allow-env=KEY,AWS_*",
      "--allow-read=/srv/app/data,/etc/hosts,/srv/other",
      "--allow-write=/srv/app/data/out",
      "--allow-run=git,/srv/app/tool",
      "--allow-ffi=/srv/app/lib.so",
      "--allow-sys=hostname",
    ],
  );
  assert.deepEqual(
    permissionFlags({ net: true, env: ["KEY", "*"], read: true, sys: true }, { cwd: "/srv" }),
    ["--allow-net", "--allow-env", "--allow-read", "--allow-sys"],
  );
});

Deno.test("A permission that is not asked for has no flag", () => {
  assert.deepEqual(permissionFlags({}, { cwd: "/srv" }), []);
  assert.deepEqual(permissionFlags({ net: false, env: [], read: [], write: false }, { cwd: "/srv" }), []);
});

Deno.test("A process may also read its own code, but no links out of the folder", () => {
  const paths = { cwd: "/srv", code: ["/srv/functions", "/opt/hopper"], linksOut: ["/srv/functions/out"] };
  assert.deepEqual(permissionFlags({}, paths), [
    "--allow-read=/srv/functions,/opt/hopper",
    "--deny-read=/srv/functions/out",
  ]);
  assert.deepEqual(permissionFlags({ read: ["data", "functions"] }, paths), [
    "--allow-read=/srv/functions,/opt/hopper,/srv/data",
    "--deny-read=/srv/functions/out",
  ]);
  assert.deepEqual(permissionFlags({ read: true }, paths), ["--allow-read"]);
  assert.deepEqual(
    permissionFlags({ read: ["functions/out/a"] }, { ...paths, code: [] }),
    ["--allow-read=/srv/functions/out/a"],
    "a link that is asked for was allowed by where it leads",
  );
});

Deno.test("A path with a comma is not given to Deno, which would read it as two", () => {
  for (
    const flags of [
      () => permissionFlags({ read: ["data"] }, { cwd: "/a,b" }),
      () => permissionFlags({}, { cwd: "/", code: ["/a,b"] }),
      () => permissionFlags({}, { cwd: "/", code: ["/a"], linksOut: ["/a/b,/c"] }),
    ]
  ) {
    assert.throws(
      flags,
      (error) => error instanceof HopperError && /cannot take a path with a comma/.test(error.message),
    );
  }
});

Deno.test("A process gets only the variables that are named", () => {
  const env = { KEY: "1", KEY_2: "2", AWS_A: "3", AWS_: "4", aws_a: "5", AMQP_URL: "6" };
  assert.deepEqual(environmentFor({ env: ["KEY", "AWS_*", "NOT_SET"] }, env), {
    KEY: "1",
    AWS_A: "3",
    AWS_: "4",
  });
  assert.deepEqual(environmentFor({ env: ["*"] }, env), env);
  const steering = {
    DENO_DIR: "/c",
    DENO_V8_FLAGS: "",
    NODE_OPTIONS: "",
    LD_PRELOAD: "",
    SSLKEYLOGFILE: "/k",
  };
  assert.deepEqual(
    environmentFor({ env: ["*", "DENO_DIR"] }, { ...env, ...steering }),
    env,
    "nor what steers it",
  );
  assert.deepEqual(environmentFor({}, env), {});
  assert.deepEqual(environmentFor({ net: true, run: true }, env), {});
});
