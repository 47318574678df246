import assert from "node:assert/strict";
import fc from "fast-check";
import { describeSettings, knownSettings } from "../../../runtime/core/settings/describe_settings.ts";
import {
  configSchema,
  type Layer,
  optionsSchema,
  overrideSchema,
  resolve,
} from "../../../runtime/core/settings/settings.ts";
import { parseDuration } from "../../../runtime/core/api/duration.ts";

const duration = fc.oneof(
  fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  fc.tuple(fc.integer({ min: 1, max: 24 }), fc.constantFrom("ms", "s", "m", "h", "d")).map((parts) =>
    parts.join("")
  ),
);
const names = fc.array(fc.stringMatching(/^[A-Za-z_]\w{0,20}$/), { maxLength: 10 });
const grant = fc.oneof(fc.boolean(), names);
const field = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const retryFields = {
  attempts: fc.integer({ min: 1, max: 100 }),
  delay: duration,
  factor: fc.integer({ min: 1, max: 100 }),
  max: duration,
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
};
const pauseFields = {
  failures: fc.integer({ min: 1, max: 1000 }),
  of: fc.integer({ min: 1, max: 1000 }),
  within: duration,
  probe: duration,
  most: duration,
};
const orFalse = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.oneof(fc.constant(false), fc.record(fields, { requiredKeys: [] }));
const retry = orFalse(retryFields);
const pause = orFalse(pauseFields);
const dedupe = fc.oneof(
  fc.constant(false),
  fc.record({ for: duration, store: fc.constantFrom("memory", "disk") }, { requiredKeys: ["for"] }),
);

/** Values of every setting that both a file and deploy.config.ts may have. */
const settings = {
  ack: fc.constantFrom("auto", "manual", "none"),
  prefetch: fc.integer({ min: 1, max: 65_535 }),
  concurrency: fc.integer({ min: 1, max: 65_535 }),
  durable: fc.boolean(),
  exclusive: fc.boolean(),
  queueType: fc.constantFrom("classic", "quorum"),
  arguments: fc.dictionary(
    fc.string().map((key) => `x-${key}`),
    fc.oneof(fc.integer(), fc.string(), fc.boolean()),
    { noNullPrototype: true },
  ),
  declare: fc.constantFrom(true, "passive"),
  timezone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York"),
  catchUp: fc.constantFrom("skip", "once", "all"),
  overlap: fc.boolean(),
  exchange: fc.record({ durable: fc.boolean(), type: fc.constantFrom("x-random", "topic") }, {
    requiredKeys: [],
    noNullPrototype: true,
  }),
  retry,
  deadLetter: fc.boolean(),
  pause,
  dedupe,
  timeout: duration,
  instances: fc.integer({ min: 1, max: 1024 }),
  idle: duration,
  memory: fc.tuple(fc.integer({ min: 1, max: 4096 }), fc.constantFrom("MB", "GB")).map((parts) =>
    parts.join("")
  ),
  permissions: fc.record({ net: grant, env: names, read: grant }, {
    requiredKeys: [],
    noNullPrototype: true,
  }),
};
const layer = fc.record(
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, field<unknown>(value)])),
  { requiredKeys: [] },
) as fc.Arbitrary<Layer>;

const defaults = resolve() as Record<string, unknown>;

/** The resolved value of a setting. */
function decided(name: string, value: unknown): unknown {
  if (["timeout", "idle"].includes(name)) return parseDuration(value);
  if (name !== "dedupe" || value === false) return value;
  const { for: time, store = "memory" } = value as { for: unknown; store?: string };
  return { for: parseDuration(time), store };
}

Deno.test("Without layers every setting has its documented default", () => {
  assert.deepEqual(resolve(), {
    ack: "auto",
    prefetch: 20,
    concurrency: 20,
    durable: true,
    exclusive: false,
    queueType: "classic",
    arguments: {},
    declare: true,
    retry: { attempts: 5, delay: 1000, factor: 4, max: 600_000, jitter: 0.2 },
    deadLetter: true,
    pause: { failures: 15, of: 20, within: 60_000, probe: 1000, most: 60_000 },
    dedupe: false,
    rate: false,
    sharding: undefined,
    timezone: "UTC",
    catchUp: "skip",
    overlap: false,
    setupTimeout: 30_000,
    timeout: 30_000,
    enabled: true,
    consumerTimeout: 1_800_000,
    isolate: "process",
    instances: 1,
    idle: 300_000,
    memory: "128MB",
    middleware: [],
    permissions: {},
  });
});

for (
  const name of Object.keys(settings).filter((name) =>
    !["retry", "pause", "deadLetter", "concurrency"].includes(name)
  )
) {
  Deno.test(`The setting '${name}' is taken from the last layer that has it`, () => {
    fc.assert(fc.property(fc.array(layer, { maxLength: 5 }), (layers) => {
      const last = layers.findLast((layer) => layer[name] !== undefined);
      const expected = last === undefined ? defaults[name] : decided(name, last[name]);
      assert.deepEqual((resolve(...layers) as Record<string, unknown>)[name], expected);
    }));
  });
}

for (const [setting, fields] of Object.entries({ retry: retryFields, pause: pauseFields })) {
  Deno.test(`Each field of '${setting}' is taken from the last layer that has it, after the last 'false'`, () => {
    fc.assert(fc.property(fc.array(field(orFalse(fields)), { maxLength: 6 }), (said) => {
      const resolved = resolve(...said.map((value) => ({ [setting]: value }))) as Record<string, unknown>;
      const last = said.findLast((value) => value !== undefined);
      if (last === false) return assert.equal(resolved[setting], false);

      const since = said.slice(said.lastIndexOf(false) + 1) as (Record<string, unknown> | undefined)[];
      for (const name of Object.keys(fields)) {
        const value = since.findLast((value) => value?.[name] !== undefined)?.[name];
        const expected = value === undefined
          ? (defaults[setting] as Record<string, unknown>)[name]
          : ["delay", "max", "within", "probe", "most"].includes(name)
          ? parseDuration(value)
          : value;
        assert.equal((resolved[setting] as Record<string, unknown>)[name], expected, name);
      }
    }));
  });
}

Deno.test("The concurrency is the prefetch, unless a layer sets it", () => {
  fc.assert(fc.property(fc.array(layer, { maxLength: 5 }), (layers) => {
    const { concurrency, prefetch } = resolve(...layers);
    const said = layers.findLast((layer) => layer.concurrency !== undefined)?.concurrency;
    assert.equal(concurrency, said ?? prefetch);
  }));
});

Deno.test("With 'ack: \"none\"' retry and dead letters are off", () => {
  fc.assert(fc.property(fc.array(layer, { maxLength: 5 }), (layers) => {
    const { ack, retry, deadLetter } = resolve(...layers);
    if (ack === "none") return assert.deepEqual([retry, deadLetter], [false, false]);
    assert.equal(deadLetter, layers.findLast((layer) => layer.deadLetter !== undefined)?.deadLetter ?? true);
    assert.equal(retry === false, layers.findLast((layer) => layer.retry !== undefined)?.retry === false);
  }));
});

Deno.test("An empty layer changes no setting", () => {
  fc.assert(fc.property(fc.array(layer, { maxLength: 4 }), fc.nat(4), (layers, at) => {
    const silent = { prefetch: undefined, retry: undefined };
    assert.deepEqual(resolve(...layers.toSpliced(at, 0, {}, silent)), resolve(...layers));
  }));
});

Deno.test("Resolving settings does not change the layers, and shares no object with them", () => {
  const layer = Object.freeze({
    retry: Object.freeze({ attempts: 2 }),
    arguments: Object.freeze({ "x-a": 1 }),
  });
  const resolved = resolve(layer, layer);
  assert.deepEqual(resolve(), defaults);
  assert.deepEqual(resolved.arguments, { "x-a": 1 });
});

Deno.test("Every valid layer is accepted in a file and in deploy.config.ts", () => {
  fc.assert(fc.property(layer, (layer) => {
    assert.ok(optionsSchema.safeParse(layer).success);
    assert.ok(overrideSchema.safeParse(layer).success);
    assert.ok(configSchema.safeParse({ defaults: layer, functions: { "*": layer } }).success);
  }));
});

Deno.test("Each setting is documented with its default and where it may be set", () => {
  const docs = new Map(describeSettings().map((doc) => [doc.name, doc]));

  for (const name of [...knownSettings([], "file"), ...knownSettings([], "operator")]) {
    assert.ok(docs.get(name)!.description.length > 10, name);
  }
  assert.equal(docs.get("prefetch")!.default, 20);
  assert.equal(docs.get("prefetch")!.saidBy, "file and operator");
  assert.equal(docs.get("queue")!.saidBy, "file");
  assert.equal(docs.get("isolate")!.saidBy, "operator");
  assert.equal(docs.get("concurrency")!.default, undefined, "the prefetch is");
});

Deno.test("The known names at a path are those that the schema accepts there", () => {
  assert.ok(knownSettings([], "file").includes("codec"));
  assert.ok(!knownSettings([], "file").includes("isolate"));
  assert.ok(knownSettings([], "operator").includes("isolate"));
  assert.ok(!knownSettings([], "operator").includes("codec"));
  assert.deepEqual(knownSettings(["retry"], "file"), ["attempts", "delay", "factor", "max", "jitter"]);
  assert.deepEqual(knownSettings(["permissions"], "operator"), [
    "net",
    "env",
    "read",
    "write",
    "run",
    "ffi",
    "sys",
  ]);
  assert.deepEqual(knownSettings(["publish"], "file"), ["exchange", "routingKey", "queue"]);
  assert.deepEqual(knownSettings(["emits"], "file"), [], "any exchange's name is");
  assert.deepEqual(knownSettings(["prefetch"], "file"), []);
});
