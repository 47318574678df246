import assert from "node:assert/strict";
import { table } from "./figures.ts";

Deno.test("The table of faults is in the order of promises and brokers, and shows what was not measured or does not apply", () => {
  const found = { what: "killed", goal: "lost 0", tried: { kills: 3 } };
  const rows = [
    { promise: "P12", broker: "embedded", what: "late", applies: false, why: "it has no timeout" },
    {
      promise: "P10",
      broker: "embedded",
      what: "killed",
      applies: true,
      found: { ...found, confirmed: 60_000, lost: 0 },
    },
    {
      promise: "P10",
      broker: "rabbitmq",
      what: "killed",
      applies: true,
      found: { ...found, healed: 0.123, further: { left: 1 } },
    },
    { promise: "P2", broker: "embedded", what: "killed", applies: true, found },
  ];

  assert.deepEqual(table(rows.map((row) => `${JSON.stringify(row)}\n`).join("")).split("\n"), [
    "| promise | broker | what | goal | tried | confirmed | lost | duplicated | heals in s | further |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    "| P2 | embedded | killed | lost 0 | kills 3 | – | – | – | – | – |",
    "| P10 | rabbitmq | killed | lost 0 | kills 3 | – | – | – | 0.12 | left 1 |",
    "| P10 | embedded | killed | lost 0 | kills 3 | 60,000 | 0 | – | – | – |",
    "| P12 | embedded | late | – | does not apply: it has no timeout | – | – | – | – | – |",
  ]);
});
