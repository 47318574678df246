import { type Declared, describeProblem, type FileProblem } from "../core/declared.ts";
import { printableLines } from "../core/printable.ts";
import { functionHeadings, functionRow } from "./describe.ts";
import { table } from "./output.ts";
import { tryIt } from "./templates.ts";

/** What a start shows. */
export interface Start {
  readonly version: string;
  readonly ms: number;
  /** The broker's address without its password, and where it was said. */
  readonly broker: string;
  readonly source: string;
  /** Where health is served, or why it is not. */
  readonly health: string | undefined;
  readonly functions: readonly Declared[];
  readonly problems: readonly FileProblem[];
}

/** The first thing a person sees. */
export function banner(start: Start): string {
  const { version, ms, broker, source, health, functions, problems } = start;
  const lines = [
    `hopper ${version}   ready in ${ms} ms`,
    `Broker   ${broker}   ${source}`,
    ...(health === undefined ? [] : [`Health   ${health}`]),
    "",
    functions.length === 0
      ? "No functions yet; write one: deno task hopper new hello --trigger queue"
      : table([functionHeadings, ...functions.map(functionRow)]),
    ...problems.map((problem) => `✗ ${describeProblem(problem)}`),
    ...suggestion(functions),
  ];
  return ["", ...lines.map((line) => printableLines(line).replace(/^(?=.)/gm, " ")), ""].join("\n");
}

function suggestion(functions: readonly Declared[]): string[] {
  for (const { trigger } of functions) {
    if (trigger.kind === "rpc") return ["", `Try: deno task hopper call ${trigger.name} 30`];
  }
  const first = functions[0];
  if (first === undefined) return [];
  const { trigger } = first;
  const source = trigger.kind === "queue"
    ? trigger.queue
    : trigger.kind === "rpc"
    ? trigger.name
    : trigger.exchange;
  return ["", `Try: ${tryIt(source, trigger.kind)}`];
}
