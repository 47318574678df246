import assert from "node:assert/strict";
import { z } from "zod";
import type { Options } from "../../../runtime/mod.ts";
import { fanout, queue, rpc } from "../../../runtime/mod.ts";
import { declared, problems } from "../../support/declared.ts";

// Files are run without their types being checked, so anything may come.
// deno-lint-ignore no-explicit-any
type Anything = any;

const handler = () => {};
const withOptions = (options: unknown, source?: string) =>
  problems(queue("orders", options as Anything as Options, handler), { source });

Deno.test("A function without problems gets a value for every setting", () => {
  const { name, file, trigger, settings, code } = declared(
    queue("orders", { prefetch: 1, timeout: "2m" }, handler),
    { name: "billing.charge", config: { functions: { "billing.*": { prefetch: 5 } } } },
  );

  assert.deepEqual([name, file], ["billing.charge", "functions/billing/charge.ts"]);
  assert.deepEqual(trigger, { kind: "queue", queue: "orders" });
  assert.equal(settings.prefetch, 5);
  assert.equal(settings.timeout, 120_000);
  assert.equal(code.kind === "inline" && code.declaration.handler, handler);
});

Deno.test("A function may have every option at the same time", () => {
  const { settings } = declared(fanout("logs", {
    ack: "auto",
    prefetch: 10,
    concurrency: 2,
    durable: true,
    exclusive: false,
    queueType: "quorum",
    arguments: { "x-max-length": 1000, "x-overflow": "reject-publish", "x-single-active-consumer": true },
    retry: { attempts: 3, delay: "1s", factor: 2, max: "1m", jitter: 0 },
    deadLetter: true,
    timeout: 1500,
    instances: 2,
    idle: "1h",
    memory: "1GB",
    permissions: { net: ["api.example:443"], env: ["API_KEY"], read: ["/functions/prices"] },
    queue: "audit",
    codec: "json",
    input: z.object({ id: z.number() }),
    output: z.number(),
    publish: { exchange: "results", routingKey: "done" },
  }, () => 1));

  assert.equal(settings.queue, "audit");
  assert.equal(settings.idle, 3_600_000);
  assert.deepEqual(settings.retry, { attempts: 3, delay: 1000, factor: 2, max: 60_000, jitter: 0 });
});

Deno.test("A misspelt option is reported with its line and a suggestion", () => {
  const source = `import { queue } from "hopper";

export default queue("orders", {
  prefech: 1,
}, handler);`;

  const [problem, ...others] = withOptions({ prefech: 1 }, source);

  assert.deepEqual(others, []);
  assert.equal(problem!.message, "Unknown option 'prefech'; did you mean 'prefetch'?");
  assert.deepEqual([problem!.line, problem!.column], [4, 3]);
  assert.match(problem!.fix, /^allowed: ack, prefetch, concurrency, /);
});

Deno.test("An unknown option that resembles no other is reported with the allowed ones", () => {
  const [problem] = withOptions({ banana: 1 });
  assert.equal(problem!.message, "Unknown option 'banana'");
  assert.match(problem!.fix, /^allowed: ack, /);
});

Deno.test("A misspelt field of an option is reported with its path", () => {
  assert.deepEqual(withOptions({ retry: { attemps: 3 } }).map(({ message, fix }) => [message, fix]), [[
    "Unknown option 'retry.attemps'; did you mean 'attempts'?",
    "allowed: attempts, delay, factor, max, jitter",
  ]]);
  assert.deepEqual(withOptions({ permissions: { nett: true } }).map(({ message }) => message), [
    "Unknown option 'permissions.nett'; did you mean 'net'?",
  ]);
  assert.deepEqual(
    withOptions({ publish: { exchange: "a", routinKey: "b" } }).map(({ message }) => message),
    [
      "Unknown option 'publish.routinKey'; did you mean 'routingKey'?",
    ],
  );
});

Deno.test("All problems of a declaration are reported together", () => {
  const found = problems(
    queue("", { prefech: 1, timeout: -1, retry: { attempts: 0, dely: 1 } } as Anything as Options, handler),
  );
  assert.deepEqual(found.map(({ message }) => message.split(/[:;]/)[0]).sort(), [
    "Option 'retry.attempts'",
    "Option 'timeout'",
    "The queue's name is empty",
    "Unknown option 'prefech'",
    "Unknown option 'retry.dely'",
  ]);
});

Deno.test("Options that are not an object are reported", () => {
  for (const [options, got] of [["fast", '"fast"'], [null, "null"], [[], "[]"], [5, "5"]] as const) {
    assert.equal(withOptions(options)[0]!.message, `Expected object, got ${got}`);
  }
});

Deno.test("An option with the value undefined counts as absent", () => {
  const { settings } = declared(
    queue("orders", { prefetch: undefined, retry: { attempts: undefined } }, handler),
    {
      config: { defaults: { prefetch: 7, retry: { attempts: 9 } } },
    },
  );
  assert.equal(settings.prefetch, 7);
  assert.equal(settings.retry && settings.retry.attempts, 9);
});

Deno.test("A file cannot set 'isolate', because only deploy.config.ts decides where a function runs", () => {
  const [problem] = withOptions({ isolate: "inline" });
  assert.equal(problem!.message, "Unknown option 'isolate'");
  assert.equal(problem!.fix, "only deploy.config.ts may decide where a function runs");
});

Deno.test("A trigger without a handler is reported with how to write one", () => {
  const told = (declaration: Anything) =>
    problems(declaration).map(({ message, fix }) => `${message}; ${fix}`);
  const noHandler = "The trigger has no handler: expected a function as its last argument";
  const broken = queue as Anything;

  assert.deepEqual(told(broken("orders")), [
    `${noHandler}, got undefined; write: queue(…, (input, ctx) => { … })`,
  ]);
  assert.deepEqual(told(broken("orders", { prefetch: 1 })), [
    `${noHandler}, got {"prefetch":1}; write: queue(…, (input, ctx) => { … })`,
  ]);
  assert.deepEqual(told(broken("orders", handler, { prefetch: 1 })), [
    `${noHandler}, got {"prefetch":1}; put the options before the handler`,
  ]);
});

Deno.test("A function's name must be short enough for its queue, dead letters and retry queues", () => {
  const named = (name: string, options = {}) =>
    problems(fanout("logs", options, handler), { name }).map(({ message }) => message);

  const room = (ending: string) => [`The queue's name leaves no room for '${ending}' in AMQP's 255 bytes`];

  assert.deepEqual(named("x".repeat(238)), [], "with '.retry.' and the milliseconds of a month it is 255");
  assert.deepEqual(named("x".repeat(239)), room(".retry.<ms>"));
  assert.deepEqual(
    named("x".repeat(208), { exclusive: true }),
    room(".retry.<ms>"),
    "the broker's name follows",
  );
  assert.deepEqual(named("x".repeat(250), { retry: false }), [], "with '.dead' it is 255");
  assert.deepEqual(named("x".repeat(251), { retry: false }), room(".dead"));
  assert.deepEqual(named("x".repeat(251), { retry: false, deadLetter: false }), []);
  assert.deepEqual(
    named("x".repeat(251), { retry: false, exclusive: true }),
    room(".dead"),
    "dead letters bear the function's name",
  );
  assert.deepEqual(named("x".repeat(256)), ["The queue's name is longer than AMQP's 255 bytes"]);
  assert.deepEqual(named("amq.logs"), [
    "The name 'amq.logs' begins with 'amq.', which brokers keep for themselves",
  ]);
  assert.deepEqual(problems(rpc("x".repeat(255), handler)), [], "an rpc has neither");
});
