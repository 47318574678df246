import assert from "node:assert/strict";
import { cases } from "./cases.ts";
import { contenders } from "./contenders.ts";
import { tablesIn } from "./other.ts";
import { figuresOf, withFigures } from "./report/docs.ts";
import { resultTable } from "./report/markdown.ts";
import { goalsOf, type Machine, type Report, resultOf } from "./report/result.ts";
import { escape, svgOf } from "./report/svg.ts";

const contender = (id: string) => contenders.find((one) => one.id === id)!;
const caseOf = (id: string) => cases.find((one) => one.id === id)!;
const cpu = (client: number) => ({ client, functions: client / 2, broker: 30 });
const machine: Machine = {
  date: "2030-01-02T03:04:05Z",
  cpu: "Processor <1>",
  cores: 2,
  system: "Linux 6",
  deno: "2.9.6",
};

/** The base at 100 and 200 a second, Hopper at 150 and 200, a framework at 80 and 80. */
function example(id: string) {
  const samples = (rates: number[], client: number) => rates.map((rate) => ({ rate, cpu: cpu(client) }));
  return resultOf(caseOf(id), "RabbitMQ", [
    { contender: contender("amqplib"), samples: samples([100, 200], 10) },
    { contender: contender("hopper"), samples: samples([150, 200], 14) },
    { contender: contender("nestjs"), samples: samples([80, 80], 33) },
  ]);
}

Deno.test("A result has rates, ratios round by round, and processor time a message", () => {
  const [base, hopper] = example("rpc-64").entries;
  assert.deepEqual(base!.ratio, { median: 1, min: 1, max: 1 });
  assert.deepEqual(hopper!.rate, { median: 175, min: 150, max: 200 });
  assert.deepEqual(hopper!.ratio, { median: 1.25, min: 1, max: 1.5 });
  assert.deepEqual(hopper!.cpu, { client: 14, functions: 7, broker: 30 });
});

Deno.test("Each goal says whether it is met, also that of being ahead of the frameworks", () => {
  const result = example("rpc-64");
  assert.deepEqual(goalsOf(result.entries[1]!, result), ["≥ 0.9: met", "ahead of NestJS, Node: met"]);
  assert.deepEqual(goalsOf(result.entries[2]!, result), []);
  const slow = { ...result.entries[1]!, ratio: { median: 0.5, min: 0.4, max: 0.6 } };
  assert.deepEqual(goalsOf(slow, result), ["≥ 0.9: not met", "ahead of NestJS, Node: not met"]);
});

Deno.test("The goal of the runtime's processor time counts on the broker that it is set for", () => {
  const samples = [{ rate: 1, cpu: cpu(9) }];
  const all = [contender("amqplib"), contender("hopper")].map((contender) => ({ contender, samples }));
  const embedded = resultOf(caseOf("consume-100"), "embedded", all);
  assert.deepEqual(goalsOf(embedded.entries[1]!, embedded), ["≥ 0.9: met", "runtime ≤ 8 µs: not met"]);
});

Deno.test("A table shows medians with the lowest and the highest value, and who failed", () => {
  const result = {
    ...example("consume-100"),
    failed: [{ contender: "Moleculer", error: "no such host\nat x" }],
  };
  const text = resultTable(result);
  assert.ok(text.includes("### consume 256 B, prefetch 100, RabbitMQ (2 rounds)"));
  assert.ok(
    text.includes(
      "| Hopper, functions in processes | 175 (150–200) | 1.25 (1.00–1.50) | 14.0 | 7.0 | 30.0 |",
    ),
  );
  assert.ok(text.endsWith("Moleculer failed: no such host"));
});

Deno.test("A table says that processor time is not available where the system does not tell", () => {
  const samples = [{ rate: 10 }];
  const text = resultTable(
    resultOf(caseOf("consume-100"), "embedded", [{ contender: contender("amqplib"), samples }]),
  );
  assert.ok(text.includes("no /proc"));
});

Deno.test("A picture has a title and a description for those who cannot see it, and escapes its text", () => {
  const report: Report = { machine, results: [example("rpc-64")], tables: [] };
  const svg = svgOf(report);
  assert.ok(svg.includes('role="img" aria-labelledby="title desc"'));
  assert.ok(svg.includes("Hopper, functions in processes 1.25"));
  assert.ok(svg.includes("Processor &lt;1&gt;"));
  assert.equal(escape(`<a href="x">'&'</a>`), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
});

Deno.test("The figures of a run replace what stands between the marks of the page", () => {
  const page =
    "# P\n\n<!-- figures: deno task bench --docs FILE -->\n\nold\n\n<!-- end of figures -->\n\nrest\n";
  const figures = figuresOf({ machine, results: [example("rpc-64")], tables: [] });
  const wanted = withFigures(page, figures);
  assert.ok(wanted.includes("| Hopper, functions in processes | 1.25 (1.00–1.50), 14.0 + 7.0 µs |"));
  assert.ok(!wanted.includes("old"));
  assert.ok(wanted.endsWith("\n\n<!-- end of figures -->\n\nrest\n"));
  assert.equal(withFigures(wanted, figures), wanted);
  assert.throws(() => withFigures("# P\n", figures), /needs the lines/);
});

Deno.test("The tables of other benches are found in what they print", () => {
  const text = "noise\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\nmore\n| c |\n| --- |\n";
  assert.deepEqual(tablesIn("host", text), [
    { title: "host", columns: ["a", "b"], rows: [["1", "2"]] },
    { title: "host", columns: ["c"], rows: [] },
  ]);
});
