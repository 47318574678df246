import assert from "node:assert/strict";
import { z } from "zod";
import { fanout, queue, rpc } from "../../runtime/mod.ts";
import { declared, problems } from "../support/declared.ts";

// Files are run without their types being checked, so anything may come.
// deno-lint-ignore no-explicit-any
type Anything = any;

const handler = () => {};
const withOptions = (options: unknown, source?: string) =>
  problems(queue("orders", options as Anything, handler), { source });

Deno.test("A function that is right has every setting decided", () => {
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

Deno.test("Every setting may be said at once", () => {
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

Deno.test("A misspelt option is told with what was meant and its line", () => {
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

Deno.test("An option that resembles none is told with what is allowed", () => {
  const [problem] = withOptions({ banana: 1 });
  assert.equal(problem!.message, "Unknown option 'banana'");
  assert.match(problem!.fix, /^allowed: ack, /);
});

Deno.test("A misspelt field of an option is told with its path", () => {
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

Deno.test("A wrong value is told with what is expected, what was written and an example", () => {
  const duration = 'milliseconds as a whole number, or "250ms", "30s", "5m", "1h", "2d"';
  const cases: [options: unknown, message: string, fix: string][] = [
    [
      { prefetch: "20" },
      `Option 'prefetch': expected a whole number from 1 to 65535, got "20"`,
      "prefetch: 1",
    ],
    [{ prefetch: 0 }, "Option 'prefetch': expected a whole number from 1 to 65535, got 0", "prefetch: 1"],
    [{ prefetch: 1.5 }, "Option 'prefetch': expected a whole number from 1 to 65535, got 1.5", "prefetch: 1"],
    [
      { concurrency: null },
      "Option 'concurrency': expected a whole number from 1 to 65535, got null",
      "concurrency: 1",
    ],
    [
      { ack: "maunal" },
      `Option 'ack': expected one of "auto"|"manual"|"none", got "maunal"`,
      'ack: "manual"',
    ],
    [{ durable: "no" }, `Option 'durable': expected boolean, got "no"`, "durable: false"],
    [
      { queueType: "mirrored" },
      `Option 'queueType': expected one of "classic"|"quorum", got "mirrored"`,
      'queueType: "quorum"',
    ],
    [
      { arguments: [] },
      "Option 'arguments': expected an object, got []",
      'arguments: { "x-max-length": 1000 }',
    ],
    [
      { retry: true },
      "Option 'retry': expected false or an object, such as { attempts: 3 }, got true",
      'retry: { attempts: 3, delay: "5s" }',
    ],
    [
      { retry: { jitter: 2 } },
      "Option 'retry.jitter': expected a number from 0 to 1, got 2",
      'retry: { attempts: 3, delay: "5s" }',
    ],
    [
      { retry: { delay: "soon" } },
      `Option 'retry.delay': expected ${duration}; less than 25 days, got "soon"`,
      'retry: { attempts: 3, delay: "5s" }',
    ],
    [
      { timeout: "5 s" },
      `Option 'timeout': expected ${duration}; more than 0 and less than 25 days, got "5 s"`,
      'timeout: "30s"',
    ],
    [
      { memory: "lots" },
      `Option 'memory': expected megabytes or gigabytes, such as "128MB", got "lots"`,
      'memory: "128MB"',
    ],
    [
      { permissions: { net: 5 } },
      "Option 'permissions.net': expected true, false or a list of strings, got 5",
      'permissions: { net: ["api.example:443"] }',
    ],
    [
      { permissions: { env: [5] } },
      "Option 'permissions.env.0': expected string, got 5",
      'permissions: { net: ["api.example:443"] }',
    ],
    [{ codec: "xml" }, `Option 'codec': expected one of "json"|"text"|"bytes", got "xml"`, 'codec: "json"'],
    [
      { input: {} },
      "Option 'input': expected a Standard Schema, such as one of zod, valibot or arktype, got {}",
      "input: z.object({ id: z.number() })",
    ],
    [
      { output: Number },
      "Option 'output': expected a Standard Schema, such as one of zod, valibot or arktype, got a function",
      "output: z.number()",
    ],
    [
      { publish: "results" },
      `Option 'publish': expected either { queue } or { exchange, routingKey }, got "results"`,
      'publish: { exchange: "results", routingKey: "done" }',
    ],
    [
      { publish: { queue: "a", exchange: "b" } },
      `Option 'publish': expected either { queue } or { exchange, routingKey }, got {"queue":"a","exchange":"b"}`,
      'publish: { exchange: "results", routingKey: "done" }',
    ],
    [
      { publish: { queue: "" } },
      `Option 'publish.queue': expected a name, got ""`,
      'publish: { exchange: "results", routingKey: "done" }',
    ],
    [{ queue: "" }, `Option 'queue': expected a name, got ""`, 'queue: "audit"'],
  ];
  for (const [options, message, fix] of cases) {
    assert.deepEqual(withOptions(options).map((problem) => [problem.message, problem.fix]), [[
      message,
      `for example: ${fix}`,
    ]]);
  }
});

Deno.test("Who asks for a stream is not told to take another queue for one", () => {
  assert.deepEqual(withOptions({ queueType: "stream" }).map(({ message, fix }) => [message, fix]), [[
    "Hopper cannot consume streams yet, which keep their messages and are read by an offset",
    "consume the stream with a client of its own, or name a classic or a quorum queue",
  ]]);
});

Deno.test("A timeout that no timer can wait for is refused, as one that leaves no time is", () => {
  for (const timeout of [0, "0s", "25d", 2 ** 31]) {
    assert.match(withOptions({ timeout })[0]!.message, /more than 0 and less than 25 days/);
  }
  assert.deepEqual(withOptions({ idle: "24d" }), []);
  assert.deepEqual(withOptions({ retry: { delay: 0 } }), [], "a retry may come at once");
});

Deno.test("A timeout that the broker would not wait for is refused", () => {
  assert.match(withOptions({ timeout: "28m" })[0]!.message, /not within the broker's own 1800000 ms/);
  assert.deepEqual(withOptions({ timeout: "27m" }), []);
  assert.deepEqual(withOptions({ timeout: "2h", ack: "none" }), [], "nothing is unacknowledged");
  // 0.95 of 6 s, less the 2 s until the process is ended.
  const within = (timeout: number, isolate: "process" | "inline") =>
    problems(queue("orders", {}, handler), {
      config: { defaults: { timeout, consumerTimeout: "6s", isolate } },
    }).length === 0;
  assert.deepEqual([within(3700, "process"), within(3701, "process")], [true, false]);
  assert.deepEqual([within(5400, "inline"), within(5401, "inline")], [true, false]);
});

Deno.test("Everything wrong is told at once", () => {
  const found = problems(
    queue("", { prefech: 1, timeout: -1, retry: { attempts: 0, dely: 1 } } as Anything, handler),
  );
  assert.deepEqual(found.map(({ message }) => message.split(/[:;]/)[0]).sort(), [
    "Option 'retry.attempts'",
    "Option 'timeout'",
    "The queue's name is empty",
    "Unknown option 'prefech'",
    "Unknown option 'retry.dely'",
  ]);
});

Deno.test("Options that are no object are told", () => {
  for (const [options, got] of [["fast", '"fast"'], [null, "null"], [[], "[]"], [5, "5"]] as const) {
    assert.equal(withOptions(options)[0]!.message, `Expected object, got ${got}`);
  }
});

Deno.test("An option that is undefined says nothing", () => {
  const { settings } = declared(
    queue("orders", { prefetch: undefined, retry: { attempts: undefined } }, handler),
    {
      config: { defaults: { prefetch: 7, retry: { attempts: 9 } } },
    },
  );
  assert.equal(settings.prefetch, 7);
  assert.equal(settings.retry && settings.retry.attempts, 9);
});

Deno.test("Where a function runs is not for its file to say", () => {
  const [problem] = withOptions({ isolate: "inline" });
  assert.equal(problem!.message, "Unknown option 'isolate'");
  assert.equal(problem!.fix, "only deploy.config.ts may decide where a function runs");
});

Deno.test("A trigger without a handler is told how to write one", () => {
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

Deno.test("A function's own queue bears its name, which AMQP has to have room for", () => {
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
