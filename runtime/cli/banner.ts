import { type Declared, describeProblem, type FileProblem } from "../core/declared.ts";
import { printableLines } from "../core/text/printable.ts";
import { functionTable } from "./describe.ts";
import { type HopperHere, tryIt } from "./try_it.ts";

/** What `hopper run` shows when it has started. */
export interface Start {
  readonly version: string;
  /** How long it took to attach every function, in milliseconds; `undefined` while the broker is not connected. */
  readonly ms: number | undefined;
  /** The broker's address without its password, and where it was written. */
  readonly broker: string;
  readonly source: string;
  /** The address of health, or why it is not served. */
  readonly health: string | undefined;
  /** The address of the page, with its token, if it is served. */
  readonly page?: string;
  /** The file that the log's lines go to, if not to the terminal. */
  readonly logFile?: string;
  /** The address of functions over HTTP, if they are served. */
  readonly http: string | undefined;
  /** How to write a command in this folder. */
  readonly hopper: HopperHere;
  readonly functions: readonly Declared[];
  readonly problems: readonly FileProblem[];
  /** A last line, about keys. */
  readonly keys?: string;
}

/** The first lines that a person sees. */
export function banner(start: Start): string {
  const { version, ms, broker, source, health, page, http, logFile, hopper, functions, problems, keys } =
    start;
  const lines = [
    `hopper ${version}   ${ms === undefined ? "waiting for the broker" : `ready in ${ms} ms`}`,
    `Broker   ${broker}   ${source}`,
    ...(page === undefined ? [] : [`Page     ${page}`]),
    ...(health === undefined ? [] : [`Health   ${health}`]),
    ...(logFile === undefined ? [] : [`Log      ${logFile}`]),
    ...(http === undefined ? [] : [`HTTP     ${http}`]),
    "",
    functions.length === 0
      ? `No functions yet; write one: ${hopper.start} new hello --trigger queue`
      : functionTable(functions),
    ...problems.map((problem) => `✗ ${describeProblem(problem)}`),
    ...suggestion(functions, hopper),
    ...(keys === undefined ? [] : [keys]),
  ];
  return ["", ...lines.map((line) => printableLines(line).replace(/^(?=.)/gm, " ")), ""].join("\n");
}

function suggestion(functions: readonly Declared[], hopper: HopperHere): string[] {
  const first = functions.find(({ trigger }) => trigger.kind === "rpc") ?? functions[0];
  return first === undefined ? [] : ["", `Try: ${tryIt(first, hopper)}`];
}
