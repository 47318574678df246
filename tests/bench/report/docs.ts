/** Puts the figures of a run into the documentation, between two marks. */

import { type Broker, cases } from "../cases.ts";
import { describe } from "./markdown.ts";
import type { Entry, Report, Result } from "./result.ts";

const BEGIN = "<!-- figures: deno task bench --docs FILE -->";
const END = "<!-- end of figures -->";

const page = new URL("../../../docs/performance.md", import.meta.url);

/** Writes the figures of a file of `--json` into docs/performance.md. */
export async function writeDocs(json: string): Promise<number> {
  const report: Report = JSON.parse(await Deno.readTextFile(json));
  await Deno.writeTextFile(page, withFigures(await Deno.readTextFile(page), figuresOf(report)));
  console.log("Wrote docs/performance.md");
  return 0;
}

/**
 * Replaces what stands between the marks.
 *
 * @throws Error when the page has no marks
 */
export function withFigures(page: string, figures: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`The page needs the lines '${BEGIN}' and '${END}'`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${figures}\n\n${page.slice(end)}`;
}

/** A table for each bench and broker: contenders down, cases across. */
export function figuresOf({ machine, results }: Report): string {
  const benches = ["consume", "rpc", "publish"] as const;
  const tables = benches.flatMap((bench) =>
    (["RabbitMQ", "embedded"] as const).flatMap((broker) => {
      const some = results.filter((result) => result.broker === broker && caseOf(result)?.bench === bench);
      return some.length === 0 ? [] : [tableOf(bench, broker, some)];
    })
  );
  return [describe(machine), ...tables].join("\n\n");
}

const caseOf = (result: Result) => cases.find(({ id }) => id === result.case);

const names = { consume: "Consuming", rpc: "Calls", publish: "Publishing" };
const brokers = { RabbitMQ: "RabbitMQ", embedded: "the embedded broker" };

function tableOf(bench: keyof typeof names, broker: Broker, results: readonly Result[]): string {
  const contenders = new Map(
    results.flatMap(({ entries }) => entries.map((entry) => [entry.contender, entry.title])),
  );
  const rows = [...contenders].map(([id, title]) => {
    const cells = results.map(({ entries }) => cell(entries.find(({ contender }) => contender === id)));
    return `| ${title} | ${cells.join(" | ")} |`;
  });
  return [
    `**${names[bench]}, on ${
      brokers[broker]
    }**: ratio (lowest–highest), microseconds of the client's processor time a message`,
    "",
    `| | ${results.map(({ title }) => title).join(" | ")} |`,
    `| --- |${" --- |".repeat(results.length)}`,
    ...rows,
  ].join("\n");
}

function cell(entry: Entry | undefined): string {
  if (entry === undefined) return "";
  const { ratio: { median, min, max }, cpu } = entry;
  const ratio = `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
  if (cpu === undefined) return ratio;
  const functions = cpu.functions > 0 ? ` + ${cpu.functions.toFixed(1)}` : "";
  return `${ratio}, ${cpu.client.toFixed(1)}${functions} µs`;
}
