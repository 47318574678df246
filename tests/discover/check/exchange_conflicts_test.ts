import assert from "node:assert/strict";
import { findExchangeConflicts } from "../../../runtime/discover/check/exchange_conflicts.ts";
import { direct, fanout, type FunctionDeclaration, queue, topic } from "../../../runtime/mod.ts";
import { declared } from "../../support/declared.ts";

const handler = () => {};
const conflicts = (functions: Record<string, FunctionDeclaration>) =>
  findExchangeConflicts(Object.entries(functions).map(([name, from]) => declared(from, { name })));
const none = { problems: [], refused: new Set(), notices: [] };
const emitting = (emits: Record<string, string>) => queue("tasks", { emits }, handler);

Deno.test("Functions that declare an exchange in the same way can share it", () => {
  const args = { "alternate-exchange": "unheard", "x-a": 1 };
  assert.deepEqual(
    conflicts({
      a: topic("orders", "#", handler),
      b: topic("orders", "order.*", handler),
      c: emitting({ orders: "topic", logs: "fanout" }),
      d: emitting({ orders: "topic" }),
      e: queue("tasks", { emits: { kept: { type: "topic", arguments: args } } }, handler),
      f: topic(
        "kept",
        "#",
        { exchange: { arguments: { "x-a": 1, "alternate-exchange": "unheard" } } },
        handler,
      ),
    }),
    none,
  );
});

Deno.test("A function that emits to an exchange which its consumers declare differently is refused, and they are not", () => {
  const { problems, refused, notices } = conflicts({
    audit: topic("orders", "#", handler),
    place: emitting({ orders: "fanout" }),
    other: emitting({ orders: "topic" }),
  });

  assert.deepEqual([...refused], ["place"]);
  assert.deepEqual(notices, []);
  assert.deepEqual(problems, [{
    file: "functions/place.ts",
    message:
      "Option 'emits': exchange 'orders' is declared as fanout here and otherwise by functions/audit.ts (topic)",
    fix: "declare it in the same way in each, or use another name",
  }]);
});

Deno.test("An exchange conflict is reported with every setting that differs", () => {
  const { problems } = conflicts({
    audit: topic("orders", "#", { durable: false }, handler),
    place: queue("place", {
      emits: { orders: { type: "topic", autoDelete: true, arguments: { "x-a": 1 } } },
    }, handler),
  });
  assert.match(
    problems[0]!.message,
    /declared as topic, autoDelete: true, arguments: {"x-a":1} here and otherwise by functions\/audit\.ts \(topic, durable: false\)$/,
  );
});

Deno.test("Functions that emit to one exchange and declare it differently are all refused", () => {
  const { problems, refused } = conflicts({
    a: emitting({ orders: "topic" }),
    b: emitting({ orders: "fanout" }),
  });

  assert.deepEqual([...refused], ["a", "b"]);
  assert.match(problems[0]!.message, /as topic here and otherwise by functions\/b\.ts \(fanout\)$/);
  assert.match(problems[1]!.message, /as fanout here and otherwise by functions\/a\.ts \(topic\)$/);
});

Deno.test("Triggers that declare one exchange differently are reported, and the broker decides which to refuse", () => {
  const { problems, refused, notices } = conflicts({
    a: fanout("logs", handler),
    b: direct("logs", "error", handler),
    c: emitting({ logs: "direct" }),
  });

  assert.deepEqual([problems, refused.size], [[], 0]);
  assert.deepEqual(notices, [
    "Exchange 'logs' is declared in several ways, by functions/a.ts (fanout), functions/b.ts (direct): " +
    "the broker has one of them, and refuses the others",
  ]);
});

Deno.test("A function is refused if its trigger and its 'emits' declare one exchange differently", () => {
  const { refused } = conflicts({
    relay: topic("orders", "order.*", { emits: { orders: "direct" } }, handler),
  });
  assert.deepEqual([...refused], ["relay"]);
});

Deno.test("A function with 'declare: \"passive\"' has no exchange conflict, because others declare the exchange", () => {
  assert.deepEqual(
    conflicts({
      a: topic("orders", "#", { declare: "passive" }, handler),
      b: emitting({ orders: "fanout" }),
    }),
    none,
  );
});
