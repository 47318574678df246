/** Results as tables in Markdown. */

import { goalsOf, type Machine, type Report, type Result, type Table } from "./result.ts";
import type { Spread } from "../figures.ts";

export function markdownOf({ machine, results, tables }: Report): string {
  const parts = [
    describe(machine),
    ...results.map(resultTable),
    ...tables.map((table) => `### ${table.title}\n\n${table_(table)}`),
  ];
  return `${parts.join("\n\n")}\n`;
}

export function describe({ date, cpu, cores, system, deno, node, rabbitmq }: Machine): string {
  const programs = [`Deno ${deno}`, node && `Node ${node}`, rabbitmq && `RabbitMQ ${rabbitmq}`].filter((
    program,
  ) => program);
  return `${date.slice(0, 10)}, ${cores} × ${cpu}, ${system}; ${programs.join(", ")}.`;
}

/** One case on one broker: who was how fast, and what it took. */
export function resultTable(result: Result): string {
  const { title, broker, rounds, entries, failed } = result;
  const hasLatency = entries.some(({ p50 }) => p50 !== undefined);
  const hasCpu = entries.some(({ cpu }) => cpu !== undefined);
  const columns = [
    "",
    "a second",
    "ratio",
    ...hasLatency ? ["p50 / p99 ms"] : [],
    ...hasCpu ? ["µs a message: client", "functions", "broker"] : [],
    "goal",
  ];
  const rows = entries.map((entry) => [
    entry.title,
    range(entry.rate, whole),
    range(entry.ratio, two),
    ...hasLatency ? [entry.p50 === undefined ? "" : `${two(entry.p50)} / ${two(entry.p99!)}`] : [],
    ...hasCpu
      ? [one(entry.cpu?.client), entry.cpu?.functions ? one(entry.cpu.functions) : "", one(entry.cpu?.broker)]
      : [],
    goalsOf(entry, result).join("; "),
  ]);
  const faults = failed.map(({ contender, error }) => `\n\n${contender} failed: ${error.split("\n")[0]}`);
  const note = hasCpu ? "" : "\n\nThe processor time is not available: this system has no /proc.";
  const heading = `### ${title}, ${broker} (${rounds} ${rounds === 1 ? "round" : "rounds"})`;
  return `${heading}\n\n${table_({ columns, rows })}${faults.join("")}${note}`;
}

function table_({ columns, rows }: Omit<Table, "title">): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The median, and in parentheses the lowest and the highest. */
function range({ median, min, max }: Spread, shown: (value: number) => string): string {
  return `${shown(median)} (${shown(min)}–${shown(max)})`;
}

const whole = (value: number) => Math.round(value).toLocaleString("en");
const two = (value: number) => value.toFixed(2);
const one = (value: number | undefined) => value === undefined ? "–" : value.toFixed(1);
