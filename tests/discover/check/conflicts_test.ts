import assert from "node:assert/strict";
import { findConflicts } from "../../../runtime/discover/check/conflicts.ts";
import {
  direct,
  fanout,
  type FunctionDeclaration,
  headers,
  queue,
  rpc,
  topic,
} from "../../../runtime/mod.ts";
import { declared } from "../../support/declared.ts";

const handler = () => {};
const conflicts = (functions: Record<string, FunctionDeclaration>) =>
  findConflicts(Object.entries(functions).map(([name, from]) => declared(from, { name })));

Deno.test("Functions that consume different queues have no conflict", () => {
  const found = conflicts({
    a: queue("orders", handler),
    b: queue("payments", handler),
    c: fanout("logs", handler),
    d: fanout("logs", handler),
    e: fanout("logs", { exclusive: true }, handler),
    f: fanout("logs", { exclusive: true }, handler),
  });
  assert.deepEqual(found, { problems: [], refused: new Set(), notices: [] });
});

Deno.test("Two functions that consume one queue with different bindings are both refused, and each problem names the other", () => {
  const { problems, refused, notices } = conflicts({
    all: topic("logs", "#", { queue: "audit" }, handler),
    kern: topic("logs", "kern.*", { queue: "audit" }, handler),
    other: queue("orders", handler),
  });

  assert.deepEqual([...refused], ["all", "kern"]);
  assert.deepEqual(notices, []);
  assert.deepEqual(problems, [
    {
      file: "functions/all.ts",
      message: "Queue 'audit' is also consumed by functions/kern.ts (topic) with other bindings, " +
        "so each would get the other's messages",
      fix: `give it a queue of its own: queue: "all.own"`,
    },
    {
      file: "functions/kern.ts",
      message: "Queue 'audit' is also consumed by functions/all.ts (topic) with other bindings, " +
        "so each would get the other's messages",
      fix: `give it a queue of its own: queue: "kern.own"`,
    },
  ]);
});

Deno.test("Functions of different kinds that consume one queue are both refused", () => {
  assert.deepEqual([...conflicts({ a: queue("fib", handler), b: rpc("fib", handler) }).refused], ["a", "b"]);
  assert.deepEqual([...conflicts({ logs: fanout("x", handler), b: queue("logs", handler) }).refused], [
    "logs",
    "b",
  ]);

  const { problems } = conflicts({ a: queue("fib", handler), b: rpc("fib", handler) });
  assert.equal(problems[0]!.fix, "give one of them another queue");
});

Deno.test("If one of several functions on a queue differs, all of them are refused", () => {
  const { problems, refused } = conflicts({
    a: queue("orders", handler),
    b: queue("orders", handler),
    c: rpc("orders", handler),
  });
  assert.equal(refused.size, 3);
  assert.match(problems[0]!.message, /functions\/b\.ts \(queue\), functions\/c\.ts \(rpc\)/);
});

Deno.test("Functions with the same queue and bindings compete, which is reported and allowed", () => {
  const { problems, refused, notices } = conflicts({
    a: queue("orders", handler),
    b: queue("orders", handler),
  });

  assert.deepEqual([problems, refused.size], [[], 0]);
  assert.deepEqual(notices, ["a and b compete for queue 'orders': each gets a part of its messages"]);
});

Deno.test("The order of bindings makes no difference when functions on one queue are compared", () => {
  const alike = (a: FunctionDeclaration, b: FunctionDeclaration) => conflicts({ a, b }).problems.length === 0;
  const own = { queue: "own" };

  assert.ok(alike(direct("d", ["x", "y"], own, handler), direct("d", ["y", "x", "y"], own, handler)));
  assert.ok(alike(topic("t", ["#", "*"], own, handler), topic("t", ["*", "#"], own, handler)));
  assert.ok(
    alike(
      headers("h", { all: { a: 1, b: 2 } }, own, handler),
      headers("h", { all: { b: 2, a: 1 } }, own, handler),
    ),
  );
  assert.ok(!alike(direct("d", ["x", "y"], own, handler), direct("d", ["x"], own, handler)));
  assert.ok(
    !alike(headers("h", { all: { a: 1 } }, own, handler), headers("h", { any: { a: 1 } }, own, handler)),
  );
  assert.ok(
    !alike(headers("h", { all: { a: 1 } }, own, handler), headers("h", { all: { a: "1" } }, own, handler)),
  );
  assert.ok(!alike(fanout("a", own, handler), fanout("b", own, handler)));
  assert.ok(alike(fanout(["a", "b"], own, handler), fanout(["b", "a", "a"], own, handler)));
  assert.ok(!alike(fanout(["a", "b"], own, handler), fanout("a", own, handler)));
  assert.ok(alike(topic([["t", ["a", "b"]]], own, handler), topic([["t", "b"], ["t", "a"]], own, handler)));
  assert.ok(
    !alike(
      topic([["t", "a"], ["u", "b"]], own, handler),
      topic([["t", "b"], ["u", "a"]], own, handler),
    ),
  );
});
