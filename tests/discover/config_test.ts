import assert from "node:assert/strict";
import { checkConfig, ConfigError, loadConfig } from "../../runtime/discover/config.ts";
import { withFolder } from "../support/folder.ts";

/** The lines of the error; none if the config is valid. */
function refusal(config: unknown): string[] {
  try {
    checkConfig(config, "deploy.config.ts");
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.code, "CONFIG");
    return error.message.split("\n");
  }
}

const anySetting =
  "ack, prefetch, concurrency, durable, exclusive, queueType, from, filter, maxPriority, arguments, declare, exchange, exchanges, retry, deadLetter, " +
  "pause, dedupe, rate, timezone, catchUp, overlap, timeout, setupTimeout, instances, idle, memory, permissions, enabled, consumerTimeout, isolate, use";

Deno.test("A config with every option is valid", () => {
  const config = {
    broker: "amqp://rabbit.example",
    defaults: {
      ack: "auto",
      prefetch: 50,
      concurrency: 5,
      durable: true,
      exclusive: false,
      queueType: "classic",
      arguments: { "x-max-length": 1000 },
      retry: { attempts: 3, delay: "1s", factor: 2, max: "1m", jitter: 0.5 },
      deadLetter: true,
      pause: { failures: 5, of: 10, within: "1m", probe: "1s", most: "1m" },
      dedupe: { for: "10m", store: "disk" },
      timeout: "1m",
      isolate: "process",
      instances: 2,
      idle: "1m",
      memory: "256MB",
      permissions: {
        net: true,
        env: ["HOME"],
        read: ["/data"],
        write: false,
        run: [],
        ffi: false,
        sys: true,
      },
    },
    functions: { "billing.*": { prefetch: 1, retry: false }, "hello": {} },
  };
  assert.equal(checkConfig(config, "deploy.config.ts"), config);
  assert.deepEqual(refusal({}), []);
});

Deno.test("An unknown key in deploy.config.ts is reported with its path, a suggestion and the allowed keys", () => {
  assert.deepEqual(refusal({ brokr: "amqp://x" }), [
    "deploy.config.ts: Unknown option 'brokr'; did you mean 'broker'?; allowed: broker, defaults, functions, keepPayloads, http",
  ]);
  assert.deepEqual(refusal({ defaults: { prefech: 1 } }), [
    `deploy.config.ts: Unknown option 'defaults.prefech'; did you mean 'prefetch'?; allowed: ${anySetting}`,
  ]);
  assert.deepEqual(refusal({ functions: { "billing.*": { retry: { attemps: 1 } } } }), [
    `deploy.config.ts: Unknown option 'functions["billing.*"].retry.attemps'; did you mean 'attempts'?; ` +
    "allowed: attempts, delay, factor, max, jitter",
  ]);
  assert.deepEqual(refusal({ functions: { hello: { permissions: { internet: true } } } }), [
    "deploy.config.ts: Unknown option 'functions.hello.permissions.internet'; " +
    "allowed: net, env, read, write, run, ffi, sys",
  ]);
});

Deno.test("An entry in a permission ceiling that Deno cannot take is refused", () => {
  assert.deepEqual(refusal({ functions: { hello: { permissions: { env: ["A,B"] } } } }), [
    `deploy.config.ts: Option 'functions.hello.permissions.env.0': expected a variable's name, such as "API_KEY" or ` +
    `"AWS_*", got "A,B"`,
  ]);
});

Deno.test("The file deploy.config.ts cannot set options that only a function's file may set", () => {
  for (const option of ["queue", "codec", "input", "output", "publish"]) {
    assert.match(
      refusal({ defaults: { [option]: "x" } })[0]!,
      new RegExp(`Unknown option 'defaults.${option}'`),
    );
  }
});

Deno.test("A wrong value in deploy.config.ts is reported with its path, what is allowed and what was written", () => {
  const cases: [config: unknown, line: string][] = [
    [{ broker: 5672 }, "Option 'broker': expected a URL or a list of URLs, got 5672"],
    [{ broker: [] }, "Option 'broker': expected at least one URL, got []"],
    [
      { defaults: { prefetch: "20" } },
      `Option 'defaults.prefetch': expected a whole number from 1 to 65535, got "20"`,
    ],
    [
      { defaults: { ack: "maunal" } },
      `Option 'defaults.ack': expected one of "auto"|"manual"|"none", got "maunal"`,
    ],
    [
      { defaults: { isolate: "worker" } },
      `Option 'defaults.isolate': expected one of "process"|"inline", got "worker"`,
    ],
    [
      { functions: { "a.b": { retry: true } } },
      `Option 'functions["a.b"].retry': expected false or an object, such as { attempts: 3 }, got true`,
    ],
    [
      { defaults: { pause: true } },
      "Option 'defaults.pause': expected false or an object, such as { failures: 15, of: 20 }, got true",
    ],
    [
      { defaults: { dedupe: { for: "1m", store: "mysql" } } },
      `Option 'defaults.dedupe.store': expected one of "memory"|"disk"|"redis"|"postgres", got "mysql"`,
    ],
    [{ functions: { hello: null } }, "Option 'functions.hello': expected object, got null"],
    [{ functions: ["hello"] }, `Option 'functions': expected an object, got ["hello"]`],
    [{ defaults: 5 }, "Option 'defaults': expected object, got 5"],
    ["amqp://x", `Expected object, got "amqp://x"`],
    [null, "Expected object, got null"],
    [[], "Expected object, got []"],
    [() => ({}), "Expected object, got a function"],
  ];
  for (const [config, line] of cases) assert.deepEqual(refusal(config), [`deploy.config.ts: ${line}`]);
});

Deno.test("All problems of deploy.config.ts are reported together, one line each", () => {
  assert.equal(
    refusal({ brokr: 1, defaults: { prefech: 1, timeout: "soon" }, functions: { a: { ack: 1 } } }).length,
    4,
  );
});

Deno.test("Without a config file the config is empty", async () => {
  await using folder = await withFolder();
  const here = Deno.cwd();
  Deno.chdir(folder.path);
  try {
    assert.deepEqual(await loadConfig(), {});
  } finally {
    Deno.chdir(here);
  }
});

Deno.test("A config file that was asked for by name must exist", async () => {
  await using folder = await withFolder();
  await assert.rejects(loadConfig(folder.at("prod.config.ts")), {
    name: "ConfigError",
    message: `No config file at '${folder.at("prod.config.ts")}'`,
  });
  await assert.rejects(loadConfig(folder.path), { name: "ConfigError" }, "a folder is none");
});

Deno.test("A config file may have any name", async () => {
  await using folder = await withFolder({
    "prod.config.ts": `import { defineConfig } from "hopper";
export default defineConfig({ broker: "amqp://rabbit.example", functions: { "*": { prefetch: 1 } } });`,
  });
  assert.deepEqual(await loadConfig(folder.at("prod.config.ts")), {
    broker: "amqp://rabbit.example",
    functions: { "*": { prefetch: 1 } },
  });
});

Deno.test("A config file that cannot be used is reported with its name and the reason", async () => {
  await using folder = await withFolder({
    "named.ts": "export const config = {};",
    "broken.ts": "export default {",
    "throws.ts": `throw new Error("no vault");`,
    "thrown.ts": `const c = {}; c.c = c; throw c;`,
    "typo.ts": `export default { default: {} };`,
  });
  const refused = async (name: string) => {
    const error = await loadConfig(folder.at(name)).catch((error) => error);
    assert.ok(error instanceof ConfigError, String(error));
    return error.message.replaceAll(`${folder.path}/`, "");
  };

  assert.equal(
    await refused("named.ts"),
    "named.ts has no default export; write: export default defineConfig({ … })",
  );
  assert.match(await refused("broken.ts"), /^broken\.ts fails to load: .*broken\.ts:1:\d+$/s);
  assert.equal(await refused("throws.ts"), "throws.ts fails to load: Error: no vault");
  assert.equal(await refused("thrown.ts"), "thrown.ts fails to load: an object");
  assert.equal(
    await refused("typo.ts"),
    "typo.ts: Unknown option 'default'; did you mean 'defaults'?; allowed: broker, defaults, functions, keepPayloads, http",
  );
});
