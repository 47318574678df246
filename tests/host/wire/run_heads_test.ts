import assert from "node:assert/strict";
import fc from "fast-check";
import { HeaderTable } from "../../../runtime/amqp/header_table.ts";
import type { BareMessage } from "../../../runtime/core/api/message.ts";
import type { Outcome } from "../../../runtime/core/ports/outcome.ts";
import { Reject, Retry } from "../../../runtime/core/api/errors.ts";
import { bareMessage } from "../../support/message.ts";
import {
  jobHead,
  JobHeads,
  outcomeFrame,
  readJobHead,
  ReadJobHeads,
  readOutcome,
} from "../../../runtime/host/wire/run_heads.ts";

const json = <T>(value: T): T => value === undefined ? value : JSON.parse(JSON.stringify(value));
const bytes = new Uint8Array([1, 2, 3]);

const message = bareMessage({ body: bytes });

Deno.test("A message is read from its frame as it was written", () => {
  const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const headers = fc.dictionary(
    fc.string(),
    fc.oneof(
      fc.string(),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
      fc.uint8Array(),
      fc.nat().map((seconds) => new Date(seconds * 1000)),
    ),
  )
    .map((headers) => Object.assign(Object.create(null), headers));
  const messages: fc.Arbitrary<BareMessage> = fc.record({
    id: fc.string(),
    body: fc.constant(bytes),
    exchange: fc.string(),
    routingKey: fc.string(),
    redelivered: fc.boolean(),
    correlationId: some(fc.string()),
    replyTo: some(fc.string()),
    timestamp: some(fc.date({ noInvalidDate: true })),
    contentType: some(fc.string()),
    contentEncoding: some(fc.string()),
    type: some(fc.string()),
    appId: some(fc.string()),
    userId: some(fc.string()),
    priority: some(fc.nat(255)),
    expiration: some(fc.nat()),
    deliveryMode: some(fc.constantFrom(1 as const, 2 as const)),
  }, { noNullPrototype: true });
  const spans = some(fc.record({ traceparent: fc.string() }, { noNullPrototype: true }));
  fc.assert(fc.property(messages, headers, fc.nat(), spans, (message, values, attempt, span) => {
    const job = { message, headers: HeaderTable.of(values), attempt, span };
    const read = readJobHead(json(jobHead(job)), message.body);
    assert.deepEqual({ ...read, headers: read.headers.values }, { message, headers: values, attempt, span });
  }));
});

Deno.test("Headers that are read from a frame have no prototype, whatever their names", () => {
  const headers = Object.assign(Object.create(null), JSON.parse('{ "__proto__": 1, "toString": 2, "$": 3 }'));
  const job = { message, headers: HeaderTable.of(headers), attempt: 1 };
  const read = readJobHead(json(jobHead(job)), bytes).headers.values;

  assert.equal(Object.getPrototypeOf(read), null);
  assert.deepEqual(Object.keys(read), ["__proto__", "toString", "$"]);
});

Deno.test("Of a message like the one before only its id is sent, and it is read as it was", () => {
  const [write, read] = [new JobHeads(), new ReadJobHeads()];
  const told = (some: Partial<BareMessage>, more: { attempt?: number; headers?: HeaderTable } = {}) => {
    const job = { message: { ...message, ...some }, headers: HeaderTable.none, attempt: 1, ...more };
    const head = json(write.of(job));
    const { headers, ...others } = read.read(head, bytes);
    assert.deepEqual({ ...others, headers: headers.values }, {
      message: job.message,
      attempt: job.attempt,
      span: undefined,
      headers: job.headers.values,
    });
    return typeof head;
  };
  const timestamp = new Date(1000);
  const header = { headers: HeaderTable.of({ a: 1 }) };
  assert.equal(told({ id: "1" }), "object");
  assert.equal(told({ id: "2" }), "string");
  assert.equal(told({ id: "3", timestamp }), "object");
  assert.equal(told({ id: "4", timestamp }), "string");
  assert.equal(told({ id: "5", timestamp, routingKey: "other" }), "object");
  assert.equal(told({ id: "6", priority: 3 }), "object");
  assert.equal(told({ id: "7" }, header), "object");
  assert.equal(told({ id: "8" }, header), "string");
  assert.equal(told({ id: "9" }, { ...header, attempt: 2 }), "object");
  write.forget();
  assert.equal(told({ id: "10" }, { ...header, attempt: 2 }), "object", "the one before was not sent");
});

Deno.test("An outcome is read from its frame as it was written", () => {
  const told = (outcome: Outcome) => {
    const { head, body } = outcomeFrame(outcome);
    return readOutcome(json(head), body ?? new Uint8Array());
  };
  assert.deepEqual(told({ kind: "returned" }), { kind: "returned" });
  const output = { body: bytes, contentType: "application/json" };
  assert.deepEqual(told({ kind: "returned", output }), { kind: "returned", output });

  const failed = told({ kind: "failed", error: new TypeError("x") });
  assert.equal(failed.kind === "failed" && `${failed.error}`, "TypeError: x");
  const rejected = told({ kind: "rejected", error: new Reject("No") });
  assert.ok(rejected.kind === "rejected" && rejected.error instanceof Reject);
  const retry = told({ kind: "retry", error: new Retry(), after: 500 });
  assert.ok(retry.kind === "retry" && retry.after === 500 && retry.error instanceof Retry);
});

Deno.test("Only outcomes of a handler can be written to a frame", () => {
  assert.throws(() => outcomeFrame({ kind: "abandoned" }), /does not end as abandoned/);
});

Deno.test("A malformed outcome is read as a failure, and cannot claim what only the runtime knows", () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 3 }), (head) => {
    const outcome = readOutcome(head, bytes);
    assert.ok(["returned", "failed", "rejected", "retry"].includes(outcome.kind), outcome.kind);
  }));
  for (const kind of ["interrupted", "suspect", "abandoned", "expired", "unavailable", {}, null]) {
    const outcome = readOutcome(json({ kind, error: 1, crashed: true }), bytes);
    assert.equal(outcome.kind, "failed");
    assert.ok(!("crashed" in outcome));
  }
  for (const after of [-1, "soon", null, {}]) {
    const outcome = readOutcome({ kind: "retry", after }, bytes);
    assert.equal(outcome.kind === "retry" && outcome.after, undefined);
  }
});
