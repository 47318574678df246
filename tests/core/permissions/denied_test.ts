import assert from "node:assert/strict";
import { type Asking, explainDenied } from "../../../runtime/core/permissions/denied.ts";
import type { PermissionOptions } from "../../../runtime/core/api/options.ts";
import { resolve } from "../../../runtime/core/settings/settings.ts";

const realPath = (path: string) => path.replace(/^\/srv\/functions\/link\b/, "/etc");

/** The function 'mail', which asks for `permissions` below a ceiling. */
const asking = (permissions: PermissionOptions = {}, ceiling?: PermissionOptions): Asking => ({
  name: "mail",
  file: "functions/mail.ts",
  settings: resolve({ permissions }),
  bounds: { ceiling, folder: "/srv/functions", cwd: "/srv", realPath },
});

const notCapable = (access: string, kind = access.split(" ")[0]) =>
  new Deno.errors.NotCapable(`Requires ${access}, run again with the --allow-${kind} flag`);

const unreachable = notCapable('net access to "api.example:443"');

Deno.test("A denied access is explained with the line to write in the function's file", () => {
  assert.equal(
    explainDenied(unreachable, asking()),
    'functions/mail.ts may not connect to "api.example:443"; write in the file: permissions: ' +
      '{ net: ["api.example:443"] }',
  );
  assert.equal(
    explainDenied(unreachable, asking({ net: ["db.example:5432"], env: ["KEY"] }, { net: true, env: ["*"] })),
    'functions/mail.ts may not connect to "api.example:443"; write in the file: permissions: ' +
      '{ net: ["db.example:5432", "api.example:443"], env: ["KEY"] }',
    "with what it asks for already",
  );
});

Deno.test("A denied access to the runtime's own broker is explained with what to use instead", () => {
  const serviceAt = (endpoint: string) =>
    endpoint === "127.0.0.1:5672" ? { is: "broker", hostname: "localhost", port: 5672 } as const : undefined;
  const instead =
    'functions/mail.ts may not connect to "127.0.0.1:5672", the runtime\'s broker; use ctx.send, ' +
    "ctx.publish or ctx.call, or in deploy.config.ts, name it with its port in the function's permissions: " +
    'net: ["127.0.0.1:5672"]';
  const denied = notCapable('net access to "127.0.0.1:5672"');
  assert.equal(explainDenied(denied, asking({ net: true }), serviceAt), instead);
  const { message } = denied;
  const url = "error sending request for url (http://localhost:5672/): client error (Connect)";
  const fetched = new TypeError("fetch failed", { cause: new Error(`${url}: ${message}`) });
  assert.equal(explainDenied(fetched, asking({ net: ["localhost"] }), serviceAt), instead);
});

Deno.test("A denied access above the ceiling is also explained with the line for deploy.config.ts", () => {
  assert.equal(
    explainDenied(unreachable, asking({ env: ["KEY"] }, { net: ["db.example"], env: ["KEY"], run: ["git"] })),
    'functions/mail.ts may not connect to "api.example:443"; write in the file: permissions: ' +
      '{ net: ["api.example:443"], env: ["KEY"] }, and in deploy.config.ts: functions: { "mail": { permissions: ' +
      '{ net: ["db.example", "api.example:443"], env: ["KEY"], run: ["git"] } } }',
  );
});

Deno.test("A denied access that needs a grant is also explained with the line for deploy.config.ts", () => {
  assert.equal(
    explainDenied(notCapable('write access to "out.txt"'), asking({ env: ["KEY"] })),
    'functions/mail.ts may not write "out.txt"; write in the file: permissions: { env: ["KEY"], write: ["out.txt"] }, ' +
      'and in deploy.config.ts: functions: { "mail": { permissions: { env: ["KEY"], write: ["out.txt"] } } }',
  );
  assert.match(
    explainDenied(notCapable('read access to "/etc/passwd"'), asking())!,
    /and in deploy\.config\.ts/,
  );
  assert.doesNotMatch(
    explainDenied(notCapable('read access to "functions/a"'), asking())!,
    /deploy\.config\.ts/,
  );
});

Deno.test("A denied link that leads out of the functions folder is named by its own path, and needs a grant", () => {
  assert.equal(
    explainDenied(notCapable('read access to "functions/link/passwd"'), asking({ read: ["functions"] })),
    'functions/mail.ts may not read "functions/link/passwd"; write in the file: permissions: ' +
      '{ read: ["functions", "functions/link/passwd"] }, and in deploy.config.ts: functions: { "mail": ' +
      '{ permissions: { read: ["functions", "functions/link/passwd"] } } }',
  );
});

Deno.test("For a denied path that no entry can name, the suggestion names its folder", () => {
  const sentence = (path: string) =>
    explainDenied(notCapable(`read access to "${path}"`), asking({}, { read: true }))!.split(
      "permissions: ",
    )[1];
  assert.equal(sentence("data/a,b/c.txt"), '{ read: ["data"] }');
  assert.equal(sentence("-data"), '{ read: ["./-data"] }');
  assert.equal(sentence('data/"quoted", run.txt'), '{ read: ["data"] }');
});

Deno.test("A denied access that no permission allows is explained without a suggestion to grant it", () => {
  assert.equal(
    explainDenied(notCapable('env access to "DENO_DIR"'), asking()),
    'functions/mail.ts may not read the variable "DENO_DIR"; it changes how the process itself works, and no function gets it',
  );
  assert.equal(
    explainDenied(notCapable('all access to "/proc/self/mem"'), asking()),
    'functions/mail.ts may not open "/proc/self/mem"; no permission allows it',
  );
  assert.equal(
    explainDenied(notCapable('import access to "deno.land:443"'), asking()),
    'functions/mail.ts may not import from "deno.land:443"; add the package to deno.json',
  );
});

Deno.test("A denied access is found among the causes of an error", () => {
  const wrapped = new TypeError("fetch failed", { cause: new Error("socket", { cause: unreachable }) });
  const several = new AggregateError([new Error("first"), unreachable]);
  for (const error of [wrapped, several]) {
    assert.equal(explainDenied(error, asking()), explainDenied(unreachable, asking()));
  }
  const endless = new Error("endless");
  endless.cause = endless;
  assert.equal(explainDenied(endless, asking()), undefined);
});

Deno.test("Errors that are not a denied access are left as they are", () => {
  const hostile = {
    get message(): string {
      throw new Error("no message");
    },
  };
  for (
    const error of [
      new Error(unreachable.message),
      new Deno.errors.PermissionDenied("Permission denied (os error 13)"),
      new Deno.errors.NotCapable("Something else"),
      notCapable("toString access"),
      notCapable('net access to "a"', "env"),
      Object.assign(new Error("connect EPERM 127.0.0.1"), { code: "EPERM", hostname: "127.0.0.1" }),
      hostile,
      unreachable.message,
      { name: "NotCapable", message: 5 },
      null,
      undefined,
    ]
  ) {
    assert.equal(explainDenied(error, asking()), undefined);
  }
});

Deno.test("A denied access is not explained if the function has the permission or runs inline", () => {
  assert.equal(explainDenied(unreachable, asking({ net: ["api.example"] })), undefined);
  const inline = { ...asking(), settings: resolve({ isolate: "inline" }) };
  assert.equal(explainDenied(unreachable, inline), undefined);
});
