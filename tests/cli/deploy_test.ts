import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { type Folder, withFolder } from "../support/folder.ts";
import { hopperCommand, startCommand } from "../support/hopper.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";

const rabbitmq = await rabbitmqForTests();

const importHopper = `import { fanout, queue, rpc, topic } from "hopper";\n`;
const hello = `${importHopper}export default queue("hello", () => {});`;

/** A project, its broker, and `hopper deploy` in it. */
async function withProject(files: Record<string, string>) {
  const vhost = await withVhost(rabbitmq!);
  const project = await withFolder({ "functions/.keep": "", ...files });
  return {
    ...project,
    vhost,
    async deploy(...args: string[]) {
      const result = await hopperCommand(["deploy", "--to", "functions", ...args], {
        cwd: project.path,
        broker: vhost.url,
      });
      return { ...result, lines: result.stdout.trim().split("\n").map((line) => line.replace(/ +/g, " ")) };
    },
    functions: () => namesBelow(project, "functions"),
    async [Symbol.asyncDispose]() {
      // Nothing may be left behind beside the folder, whatever happened.
      assert.deepEqual(await namesBelow(project, ".", /^\.hopper/), []);
      await project[Symbol.asyncDispose]();
      await vhost[Symbol.asyncDispose]();
    },
  };
}

async function namesBelow(project: Folder, folder: string, match = /^[^.]/): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(project.at(folder))) {
    if (!match.test(name)) continue;
    if (isDirectory) {
      names.push(...(await namesBelow(project, `${folder}/${name}`)).map((below) => `${name}/${below}`));
    } else names.push(name);
  }
  return names.sort();
}

Deno.test("The deploy command places each of several folders as a folder", {
  ignore: !rabbitmq,
}, async () => {
  const named = (name: string) => hello.replace('"hello"', `"${name}"`);
  await using project = await withProject({
    "src/billing/send.ts": `import { vat } from "./_vat.ts";\n${named("billing")}\nvoid vat;`,
    "src/billing/_vat.ts": "export const vat = 1.19;",
    "src/shop/send.ts": named("shop"),
    "other/hello.ts": hello,
  });

  const { code, stderr } = await project.deploy("src/billing/", "src/shop", "other/hello.ts");
  assert.equal(code, 0, stderr);
  assert.deepEqual(await project.functions(), [
    "billing/_vat.ts",
    "billing/send.ts",
    "hello.ts",
    "shop/send.ts",
  ]);
});

Deno.test(
  "The deploy command places a folder's files by their paths and a file by its name, and keeps other files",
  {
    ignore: !rabbitmq,
  },
  async () => {
    await using project = await withProject({
      "functions/hello.ts": hello,
      "functions/same.ts": hello.replace('"hello"', '"same"'),
      "src/billing/charge.ts": `${importHopper}import { vat } from "./_vat.ts";
export default rpc("charge", (n: number) => n * vat);`,
      "src/billing/_vat.ts": "export const vat = 1.19;",
      "src/same.ts": hello.replace('"hello"', '"same"'),
      "other/hello.ts": `${hello}\n// better`,
      "other/.env": "not deployed",
    });

    const dry = await project.deploy("src", "other/hello.ts", "--dry-run");
    assert.equal(dry.code, 0, dry.stderr);
    assert.deepEqual(dry.lines, [
      "new billing/_vat.ts",
      "replaced hello.ts",
      "new billing/charge.ts",
      "unchanged same.ts",
      "3 of 4 file(s) would be placed",
    ]);
    assert.deepEqual(await project.functions(), ["hello.ts", "same.ts"]);

    const { code, lines, stderr } = await project.deploy("src", "other/hello.ts");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(lines, [...dry.lines.slice(0, -1), "3 of 4 file(s) placed"]);
    assert.deepEqual(await project.functions(), [
      "billing/_vat.ts",
      "billing/charge.ts",
      "hello.ts",
      "same.ts",
    ]);
    assert.match(await Deno.readTextFile(project.at("functions/hello.ts")), /better$/);
  },
);

Deno.test("The deploy command reports all problems together, and then places nothing", {
  ignore: !rabbitmq,
}, async () => {
  await using project = await withProject({
    "functions/audit.ts": `${importHopper}export default topic("logs", "#", { queue: "audit" }, () => {});`,
    "functions/invoice.ts": `${importHopper}import { vat } from "./_vat.ts";
export default queue("invoices", (n: number) => void (n * vat));`,
    "functions/_vat.ts": "export const vat = 1.19;",
    "src/_vat.ts": `export const vat = "19 %";`,
    "src/good.ts": hello,
    "src/empty.ts": "",
    "src/types.ts": `${importHopper}export default queue("typed", (n: number) => n.foo);`,
    "src/options.ts": `${importHopper}export default queue("opt", { prefech: 1 } as never, () => {});`,
    "src/conflict.ts": `${importHopper}export default topic("other", "#", { queue: "audit" }, () => {});`,
    "src/syntax.ts": "export default queue(;",
  });
  const before = await project.functions();

  const { code, stdout, stderr } = await project.deploy("src");

  assert.equal(code, 1);
  assert.equal(stdout, "");
  for (
    const told of [
      /^✗ functions\/empty\.ts {2}No trigger exported; write: /m,
      /^✗ functions\/types\.ts:2:48 {2}Property 'foo' does not exist on type 'number'/m,
      /^✗ functions\/options\.ts:2:31 {2}Unknown option 'prefech'; did you mean 'prefetch'\?/m,
      /^✗ functions\/conflict\.ts {2}Queue 'audit' is also consumed by functions\/audit\.ts \(topic\)/m,
      /^✗ functions\/audit\.ts {2}Queue 'audit' is also consumed by functions\/conflict\.ts \(topic\)/m,
      /^✗ functions\/syntax\.ts:1:22 {2}Syntax error: /m,
      // The deployed helper breaks a function that is already there.
      /^✗ functions\/invoice\.ts:3:\d+ {2}The right-hand side of an arithmetic operation/m,
      /^hopper: Nothing was placed: 7 problem\(s\)$/m,
    ]
  ) assert.match(stderr, told);
  assert.doesNotMatch(stderr, /hopper-deploy|good\.ts/);
  assert.deepEqual(await project.functions(), before);
});

Deno.test(
  "The deploy command refuses links, files that everybody may write, and files that cannot be placed",
  {
    ignore: !rabbitmq || Deno.build.os === "windows",
  },
  async () => {
    await using project = await withProject({
      "functions/deep/a.ts": hello,
      "src/open.ts": hello,
      "src/deep": "a file",
      "src/hello.ts": hello,
      "empty/.keep": "",
    });
    await Deno.symlink(project.at("src/hello.ts"), project.at("src/link.ts"));
    await Deno.chmod(project.at("src/open.ts"), 0o666);

    const { code, stderr } = await project.deploy("src", "empty", "gone.ts", ".", "functions/deep");

    assert.equal(code, 1);
    assert.deepEqual(stderr.trim().split("\n"), [
      "✗ empty  The folder has no files; name another folder",
      "✗ gone.ts  There is no such file or folder; check the path",
      "✗ .  It contains the folder to deploy to; keep the sources outside of the functions folder",
      "✗ functions/deep  It is in the folder to deploy to; keep the sources outside of the functions folder",
      "✗ src/link.ts  It is a link, and links are not placed; replace it by a copy",
      "✗ src/open.ts  Every user of this machine may write the file, and so decide what runs; write: chmod o-w src/open.ts",
      "✗ src/deep  There is a folder at functions/deep; rename the file, or remove the folder",
      "hopper: Nothing was placed: 7 problem(s)",
    ]);
    assert.deepEqual(await project.functions(), ["deep/a.ts"]);
  },
);

Deno.test("The deploy command refuses what the broker has with other settings, and declares nothing", {
  ignore: !rabbitmq,
}, async () => {
  await using project = await withProject({
    "src/work.ts": `${importHopper}export default queue("task_queue", { durable: false }, () => {});`,
    "src/logs.ts": `${importHopper}export default fanout("logs", () => {});`,
    "src/more.ts": `${importHopper}export default queue("more", () => {});`,
  });
  await using broker = await connectBroker(project.vhost.url);
  await broker.channel.assertQueue("task_queue", { durable: true });
  await broker.channel.assertExchange("logs", "direct", { durable: true });

  const { code, stderr } = await project.deploy("src");

  assert.equal(code, 1);
  assert.match(stderr, /^✗ functions\/work\.ts {2}Queue 'task_queue' exists .* Match it \(durable: true\)/m);
  assert.match(
    stderr,
    /^✗ functions\/logs\.ts {2}Exchange 'logs' exists .* Match it \(use the direct trigger\)/m,
  );
  assert.deepEqual(await project.functions(), []);
  assert.equal(await project.vhost.inspect("queues", "more"), undefined);
});

Deno.test(
  "The deploy command reports problems that existed before, and places the files",
  { ignore: !rabbitmq },
  async () => {
    await using project = await withProject({
      "functions/broken.ts": "export default queue(;",
      "functions/untyped.ts": `${importHopper}export default queue("u", (n: number) => n.foo);`,
      "functions/_lib/greeting.ts": `export const greeting = "hello";`,
      // A helper that exists already is checked as it will be.
      "src/hello.ts": `${importHopper}import { greeting } from "./_lib/greeting.ts";
export default queue("hello", () => void greeting.length);`,
    });

    const { code, lines, stderr } = await project.deploy("src/hello.ts");

    assert.equal(code, 0, stderr);
    assert.deepEqual(lines, ["new hello.ts", "1 of 1 file(s) placed"]);
    assert.match(stderr, /^! As before: functions\/broken\.ts:1:22 {2}Syntax error: /m);
    assert.equal(stderr.trim().split("\n").length, 1);
  },
);

Deno.test(
  "The deploy command checks with the deploy.config.ts that the functions will run with",
  { ignore: !rabbitmq },
  async () => {
    await using project = await withProject({
      "prod.config.ts": `export default { functions: { hello: { ack: "none", retry: { attempts: 2 } } } };`,
      "src/hello.ts": hello,
    });

    const { code, stderr } = await project.deploy("src", "--config", "prod.config.ts");

    assert.equal(code, 1);
    assert.match(
      stderr,
      /^✗ functions\/hello\.ts:2:\d+ {2}Option 'ack: "none"' and 'retry' cannot be combined/m,
    );
  },
);

Deno.test(
  "A deploy command that is stopped while it checks places nothing and leaves nothing behind",
  { ignore: !rabbitmq },
  async () => {
    await using project = await withProject({ "src/hello.ts": hello });
    const watcher = Deno.watchFs(project.path, { recursive: false });
    const { promise: checking, resolve } = Promise.withResolvers<void>();
    const hearing = (async () => {
      for await (const { paths } of watcher) {
        if (paths.some((path) => path.includes(".hopper-deploy-"))) {
          resolve();
        }
      }
    })();

    await using hopper = startCommand(["deploy", "src", "--to", "functions", "--broker", project.vhost.url], {
      cwd: project.path,
    });
    await checking;
    hopper.signal("SIGINT");
    const { code, stderr } = await hopper.exit();
    watcher.close();
    await hearing;

    assert.equal(code, 1);
    assert.match(stderr, /Stopped: nothing was placed$/m);
    assert.deepEqual(await project.functions(), []);
  },
);

Deno.test("The deploy command exits with 2 without a functions folder, or with one that does not exist", async () => {
  const wrong = async (...args: string[]) => {
    const { code, stderr } = await hopperCommand(["deploy", ...args], { broker: "amqp://127.0.0.1:1" });
    assert.equal(code, 2, stderr);
    return stderr;
  };
  const [source, to, folder] = await Promise.all([
    wrong("--to", "functions"),
    wrong("functions"),
    wrong("functions", "--to", "no/such/folder"),
  ]);

  assert.match(source, /missing required argument 'sources'/);
  assert.match(to, /required option '--to <folder>' not specified/);
  assert.match(
    folder,
    /No folder to deploy to at 'no\/such\/folder'; check --to, or make one: mkdir no\/such\/folder/,
  );
});

Deno.test("A deploy checks functions with the operator's middleware, also where that is deployed with them", {
  ignore: !rabbitmq,
}, async () => {
  await using project = await withProject({
    "deploy.config.ts": `export default { functions: { hello: { use: ["./functions/_around.ts"] } } };`,
    "new/hello.ts": hello,
    "new/_around.ts": `import type { Middleware } from "hopper";
      export default ((_run, next) => next()) satisfies Middleware;`,
    "wrong/_around.ts": "export default 5;",
  });
  const alone = await project.deploy("new/hello.ts");
  assert.equal(alone.code, 1);
  assert.match(
    alone.stderr,
    /The middleware 'functions\/_around\.ts', which deploy\.config\.ts names, does not exist/,
  );
  const both = await project.deploy("new/hello.ts", "new/_around.ts");
  assert.equal(both.code, 0, both.stderr);
  const wrong = await project.deploy("wrong/_around.ts");
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /'functions\/_around\.ts', which deploy\.config\.ts names, exports no function/);
});
