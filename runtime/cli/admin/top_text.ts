import { printable } from "../../core/text/printable.ts";
import type { FunctionSummary, FunctionsView } from "../../observe/api/views.ts";
import { table } from "../output.ts";

/** The functions as a table, the busiest first. */
export function functionStates({ functions }: FunctionsView): string {
  if (functions.length === 0) return "No functions";
  const rows = functions.toSorted((a, b) => b.stats.rate - a.stats.rate || (a.name < b.name ? -1 : 1));
  return table([
    ["FUNCTION", "STATE", "RATE/S", "P50", "P95", "FAILING", "IN FLIGHT", ""],
    ...rows.map(rowOf),
  ]);
}

function rowOf({ name, state, why = "", inFlight, stats: { rate, p50, p95, failing } }: FunctionSummary) {
  return [
    name,
    state,
    rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en"),
    ms(p50),
    ms(p95),
    failing === undefined ? "-" : `${Math.round(failing * 1000) / 10} %`,
    inFlight.toLocaleString("en"),
    why,
  ];
}

function ms(value: number | undefined): string {
  return value === undefined ? "-" : `${Math.round(value).toLocaleString("en")} ms`;
}

/** A whole screen: what the runtime is, its functions, and a last line. It replaces what is on the terminal. */
export function topScreen(
  view: FunctionsView,
  lastLine: string,
  size: { readonly columns: number; readonly rows: number },
): string {
  // Some terminals do not know their size.
  const [columns, rows] = [size.columns || 80, size.rows || 24];
  const { version, broker, missing } = view.runtime;
  const problems = view.problems.length === 0 ? "" : `   ${view.problems.length} file(s) with problems`;
  const state = missing.length === 0 ? "ready" : `not ready: ${missing.join("; ")}`;
  const head = [`hopper ${version}   ${broker}   ${state}${problems}`, ""];
  const foot = ["", lastLine];
  const [heading = "", ...lines] = functionStates(view).split("\n");
  const room = Math.max(1, rows - head.length - foot.length - 1);
  const shown = lines.length <= room
    ? lines
    : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more; a higher window shows them`];
  const screen = [...head, heading, ...shown, ...foot].slice(0, rows);
  return `\x1b[H${screen.map((line) => `${fitted(line, columns)}\x1b[K`).join("\r\n")}\x1b[J`;
}

function fitted(line: string, columns: number): string {
  const text = printable(line);
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}
