import assert from "node:assert/strict";
import type { Options } from "../../../runtime/mod.ts";
import { queue } from "../../../runtime/mod.ts";
import { problems } from "../../support/declared.ts";

// Files are run without their types being checked, so anything may come.
// deno-lint-ignore no-explicit-any
type Anything = any;

const handler = () => {};
const withOptions = (options: unknown, source?: string) =>
  problems(queue("orders", options as Anything as Options, handler), { source });

Deno.test("A wrong value is reported with what was expected, what was written and an example", () => {
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
      "Option 'concurrency': expected a whole number from 1 to 65535, or an object, such as " +
      '{ limit: 2, key: "customerId" }, got null',
      'concurrency: 3, or: concurrency: { limit: 2, key: "customerId" }',
    ],
    [
      { ack: "maunal" },
      `Option 'ack': expected one of "auto"|"manual"|"none", got "maunal"`,
      'ack: "manual"',
    ],
    [{ durable: "no" }, `Option 'durable': expected boolean, got "no"`, "durable: false"],
    [
      { queueType: "mirrored" },
      `Option 'queueType': expected one of "classic"|"quorum"|"stream", got "mirrored"`,
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

Deno.test("A stream is filtered by one text or some, and by nothing else", () => {
  for (const filter of ["eu", ["eu", "us"], "é".repeat(127)]) {
    assert.deepEqual(withOptions({ queueType: "stream", filter }), [], `${filter}`);
  }
  for (const filter of [7, "", [], [""], ["eu", null], "é".repeat(128), "\ud800", Array(101).fill("eu")]) {
    const [problem, ...more] = withOptions({ queueType: "stream", filter });
    assert.match(
      problem!.message,
      /^Option 'filter': expected text of 1 to 255 bytes, or a list of 1 to 100 of them, such as "eu" or \["eu", "us"\], got /,
    );
    assert.equal(problem!.fix, 'for example: filter: "eu"');
    assert.deepEqual(more, []);
  }
});

Deno.test("A stream begins at a word, an offset or a time, and at nothing else", () => {
  const right = ["first", "last", "next", 0, 7, new Date(0), "2026-11-01", "2026-11-01T09:00:00Z"];
  for (const from of right) assert.deepEqual(withOptions({ queueType: "stream", from }), [], `${from}`);
  for (const from of ["begin", "", -1, 1.5, new Date(NaN), true, "1h"]) {
    assert.match(
      withOptions({ queueType: "stream", from })[0]!.message,
      /^Option 'from': expected "first", "last", "next", an offset, or a time such as new Date\(/,
    );
  }
});

Deno.test("A timeout of 0, or one that is too long for a timer, is refused", () => {
  for (const timeout of [0, "0s", "25d", 2 ** 31]) {
    assert.match(withOptions({ timeout })[0]!.message, /more than 0 and less than 25 days/);
  }
  assert.deepEqual(withOptions({ idle: "24d" }), []);
  assert.deepEqual(withOptions({ retry: { delay: 0 } }), [], "a retry may come at once");
});

Deno.test("A timeout longer than the broker's consumer timeout is refused", () => {
  assert.match(withOptions({ timeout: "28m" })[0]!.message, /not within the broker's own 1800000 ms/);
  assert.deepEqual(withOptions({ timeout: "27m" }), []);
  assert.deepEqual(withOptions({ timeout: "2h", ack: "none" }), [], "nothing is unacknowledged");
  // 0.95 of 6 s, less the 2 s until the process is killed.
  const within = (timeout: number, isolate: "process" | "inline") =>
    problems(queue("orders", {}, handler), {
      config: { defaults: { timeout, consumerTimeout: "6s", isolate } },
    }).length === 0;
  assert.deepEqual([within(3700, "process"), within(3701, "process")], [true, false]);
  assert.deepEqual([within(5400, "inline"), within(5401, "inline")], [true, false]);
});
