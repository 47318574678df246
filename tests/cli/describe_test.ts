import assert from "node:assert/strict";
import { columns, functionTable, writtenSettings } from "../../runtime/cli/describe.ts";
import { table } from "../../runtime/cli/output.ts";
import { direct, fanout, headers, queue, topic } from "../../runtime/mod.ts";
import { declared } from "../support/declared.ts";

const ignore = () => {};
const binding = columns.find(({ heading }) => heading === "BINDING")!.cell;

Deno.test("A binding is shown completely if it fits in its column", () => {
  assert.equal(binding(declared(fanout("logs", ignore))), "logs");
  assert.equal(
    binding(declared(topic("t", ["kern.*", "*.critical"], ignore))),
    "t  kern.* *.critical",
  );
  const match = headers("h", { all: { format: "pdf", type: "report" } }, ignore);
  assert.equal(binding(declared(match)), "h  all: format=pdf type=report");
});

Deno.test("Several exchanges are shown one after the other, as many as fit in the column", () => {
  assert.equal(binding(declared(fanout(["logs", "audit"], ignore))), "logs, audit");
  const trigger = topic([["orders", "order.*"], ["billing", ["invoice.#", "refund.*"]]], ignore);
  assert.equal(binding(declared(trigger)), "orders  order.*, billing  invoice.# refund.*");
  const many = binding(declared(fanout(Array.from({ length: 100 }, (_, i) => `exchange.${i}`), ignore)));
  assert.match(many, /^exchange\.0, exchange\.1, .* … 9\d more$/);
  assert.ok(many.length < 90, many);
});

Deno.test("A long list of keys, or a long key, is shortened to the width of the column", () => {
  const keys = Array.from({ length: 20_000 }, (_, i) => `key.${i}`);
  const many = binding(declared(direct("events", keys, ignore)));
  assert.match(many, /^events {2}key\.0 key\.1 key\.2 .* … 19,99\d more$/);
  const long = binding(declared(direct("events", ["x".repeat(250), "y"], ignore)));
  assert.match(long, /^events {2}x+… … 1 more$/);
  for (const text of [many, long]) assert.ok(text.length < 90, text);
});

Deno.test("A row of the table is one line and cannot control the terminal, whatever its cells contain", () => {
  assert.equal(
    table([["A", "B"], ["\x1b[31m\n\u202e", "b"]]),
    "A                   B\n\\x1b[31m\\x0a\\u202e  b",
  );
});

Deno.test("The table has a column for the exchanges of 'emits' if a function has them", () => {
  const plain = declared(queue("tasks", ignore), { name: "tasks" });
  const place = declared(queue("place", { emits: { orders: "topic", audit: { type: "fanout" } } }, ignore), {
    name: "place",
  });

  assert.ok(!functionTable([plain]).includes("EMITS"));
  const [headings, ...rows] = functionTable([plain, place]).split("\n");
  assert.match(headings!, / ACK +EMITS +FILE$/);
  assert.match(rows[0]!, / auto +- +functions\/tasks\.ts$/);
  assert.match(rows[1]!, / auto +orders=topic audit=fanout +functions\/place\.ts$/);
});

Deno.test("A queue that others own is shown as passive", () => {
  const own = declared(queue("tasks", { declare: "passive" }, ignore));
  assert.match(functionTable([own]), / tasks \(passive\) /);
});

Deno.test("The table shows rates, if a function has one, and the prefetch that follows from it", () => {
  const plain = declared(fanout("logs", ignore));
  const limited = declared(queue("mails", { rate: { limit: 1, per: "1m" } }, ignore));
  assert.doesNotMatch(functionTable([plain]), /RATE/);
  assert.match(functionTable([plain, limited]), / 20 +- +auto/);
  assert.match(functionTable([plain, limited]), / 2 +1 per 1m, 1 at once +auto/);
  const shared = declared(queue("mails", { rate: { limit: 100, scope: "cluster" } }, ignore));
  assert.match(functionTable([shared]), / 100 per 1s, 100 at once, all runtimes together /);
});

Deno.test("The table shows by which key messages are spread, if a function says so", () => {
  const ordered = declared(queue("changes", { order: { by: "customer.id" } }, ignore));
  assert.match(functionTable([ordered]), / BY KEY .* customer\.id: in order, 8 shards /s);
  const concurrency = { limit: 2, key: { header: "x-tenant" }, shards: 3, scope: "cluster" } as const;
  const limited = declared(queue("reports", { concurrency }, ignore));
  assert.match(functionTable([limited]), / header x-tenant: 2 at once, all runtimes together, 3 shards /);
  const debounce = { key: () => "a", wait: "2s", most: "1m" } as const;
  const latest = declared(queue("documents", { debounce }, ignore));
  assert.match(
    functionTable([latest]),
    / a function: the latest, after 2000 ms of quiet, or 60000 ms in all, 8 shards /,
  );
  assert.match(
    writtenSettings(latest),
    /debounce +\{"key":"a function","wait":2000,"most":60000,"shards":8\} +file/,
  );
});
