import assert from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import packages from "./contenders/package.json" with { type: "json" };
import { cases } from "./cases.ts";
import { base, contenders, takingPart } from "./contenders.ts";
import { parseMarks } from "./marks.ts";
import { jobOf } from "./measure.ts";
import { envelopeOf } from "./programs/envelopes.ts";

const caseOf = (id: string) => cases.find((one) => one.id === id)!;
const ids = (...args: Parameters<typeof takingPart>) => takingPart(...args).map(({ id }) => id);

Deno.test("The base takes part in every case, and so does a form of Hopper", () => {
  for (const one of cases) {
    const taking = ids(one, "RabbitMQ", undefined);
    assert.ok(taking.includes(base), one.id);
    assert.ok(taking.some((id) => id.startsWith("hopper")), one.id);
  }
});

Deno.test("Only named contenders are compared with the base", () => {
  assert.deepEqual(ids(caseOf("consume-100"), "RabbitMQ", ["nestjs"]), [base, "nestjs"]);
  assert.deepEqual(ids(caseOf("publish-100"), "RabbitMQ", ["moleculer"]), [base]);
});

Deno.test("On the embedded broker Hopper is compared with the base alone", () => {
  assert.deepEqual(ids(caseOf("rpc-64"), "embedded", undefined), [
    base,
    "hopper",
    "hopper-admin",
    "hopper-inline",
  ]);
});

Deno.test("Packages run on Deno, and Hopper with --quiet, only if they are named", () => {
  const all = ids(caseOf("consume-100"), "RabbitMQ", undefined);
  assert.ok(!all.some((id) => id.endsWith("-deno") || id.endsWith("-quiet")));
  const named = ["nestjs-deno", "hopper-quiet"];
  assert.deepEqual(ids(caseOf("consume-100"), "RabbitMQ", named).toSorted(), [base, ...named].toSorted());
});

Deno.test("One acknowledgement for 50 messages is compared only where so many are under way", () => {
  assert.ok(ids(caseOf("consume-100"), "RabbitMQ", undefined).includes("c-multiple"));
  assert.ok(!ids(caseOf("consume-1"), "RabbitMQ", undefined).includes("c-multiple"));
});

Deno.test("Goals are set for contenders that take part", () => {
  for (const one of cases) {
    for (const broker of ["RabbitMQ", "embedded"] as const) {
      const taking = ids(one, broker, undefined);
      for (const id of Object.keys(one.goals[broker])) assert.ok(taking.includes(id), `${one.id}: ${id}`);
    }
  }
});

Deno.test("Packages of contenders have exact versions, and the project does not depend on them", () => {
  const own = Object.keys(manifest.imports);
  for (const [name, version] of Object.entries(packages.dependencies)) {
    assert.match(version, /^(npm:amqplib@)?\d+\.\d+\.\d+$/, name);
    // The tests of Hopper's own use these two.
    if (!["amqplib", "rabbitmq-client"].includes(name)) assert.ok(!own.includes(name), name);
  }
});

Deno.test("Each contender has an id of its own", () => {
  assert.equal(new Set(contenders.map(({ id }) => id)).size, contenders.length);
});

Deno.test("A message has the size of the case in each contender's envelope", () => {
  for (const name of ["plain", "json", "nest", "moleculer"] as const) {
    const { event, request } = envelopeOf(name);
    assert.equal(event("bench-1", 256).length, 256, name);
    assert.equal(request("17", 256).length, 256, name);
  }
});

Deno.test("A reply tells the call by its correlation id, or by the id in a packet of Moleculer", () => {
  const reply = (content: string, correlationId?: string) => ({
    content: new TextEncoder().encode(content) as never,
    properties: { correlationId },
  });
  assert.equal(envelopeOf("nest").replyId(reply("{}", "17")), "17");
  const packet = { content: { toString: () => '{"id":"18","data":1}' } as never, properties: {} };
  assert.equal(envelopeOf("moleculer").replyId(packet), "18");
});

Deno.test("A contender consumes from a queue with the name that it would use", () => {
  const lengths = { counts: 1, warmMs: 1, ms: 1 };
  const at = { kind: "RabbitMQ", url: "amqp://127.0.0.1" } as const;
  const moleculer = contenders.find(({ id }) => id === "moleculer")!;
  assert.match(
    jobOf(caseOf("consume-100"), moleculer, at, lengths, "/f").queue,
    /^MOL\.EVENTB\.bench\.bench-/,
  );
  assert.match(jobOf(caseOf("rpc-1"), moleculer, at, lengths, "/f").queue, /^MOL\.REQ\.bench-/);
});

Deno.test("On the embedded broker more messages are consumed, because they take less time", () => {
  const count = (kind: "RabbitMQ" | "embedded", id: string, counts = 1) =>
    jobOf(caseOf(id), contenders[0]!, { kind, url: "amqp://127.0.0.1" }, { counts, warmMs: 1, ms: 1 }, "/f")
      .count;
  const half = caseOf("consume-100").count / 2;
  assert.equal(count("RabbitMQ", "consume-100", 0.5), half);
  assert.ok(count("embedded", "consume-100", 0.5) > half);
  assert.equal(count("embedded", "consume-1"), count("RabbitMQ", "consume-1"));
});

Deno.test("A mark whose line is not finished yet is left out", () => {
  const line = '{"mark":"warm","at":1,"count":2}';
  assert.deepEqual(parseMarks(`${line}\n{"mark":"do`), [{ mark: "warm", at: 1, count: 2 }]);
  assert.deepEqual(parseMarks(""), []);
});
