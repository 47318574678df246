/** The result of a fault test: one line for each promise and broker, and a row of the table at the end of a run. */

/** Whether to use the counts of a release, and not the smaller everyday ones. */
export const full = Deno.env.get("HOPPER_FAULTS") === "full";

/** The file in which {@linkcode report} stores its rows for the table, if a table is wanted. */
const reportFile = Deno.env.get("HOPPER_FAULTS_REPORT");

type Figures = Readonly<Record<string, number | string>>;

/** The result of a test. Fields that are missing were not measured. */
export interface Found {
  /** The promise, if it is not the test's own. */
  readonly promise?: string;
  /** What was done. */
  readonly what: string;
  /** What must be reached. */
  readonly goal: string;
  /** How often and with how much: `{ kills: 3, messages: 60_000 }`. */
  readonly tried: Figures;
  /** Messages that the broker confirmed to their sender. */
  readonly confirmed?: number;
  /** Confirmed messages that were not handled and are not in a queue. */
  readonly lost?: number;
  /** Messages that were delivered twice. */
  readonly duplicated?: number;
  /** Seconds from the end of the fault until messages pass again; the longest of several tries. */
  readonly healed?: number;
  readonly further?: Figures;
}

/** A row of the table. */
export type Row =
  & { readonly promise: string; readonly broker: string; readonly what: string }
  & (
    | { readonly applies: true; readonly found: Found }
    /** Why the promise cannot be tried on this broker. */
    | { readonly applies: false; readonly why: string }
  );

/** Prints a result. Call it before the assertions, so that a failure also shows its figures. */
export function report(promise: string, broker: string, found: Found): void {
  const row: Row = { promise: found.promise ?? promise, broker, what: found.what, applies: true, found };
  const [, , what, goal, ...columns] = cells(row);
  const shown = columns.flatMap((cell, index) =>
    cell === none ? [] : [index === 0 || index === columns.length - 1 ? cell : `${titles[index + 4]} ${cell}`]
  );
  console.log(`${row.promise} · ${broker} · ${what}: ${shown.join(", ")} (goal: ${goal})`);
  keep(row);
}

/** Adds a row that says why a promise is not tried on this broker. */
export function reportInapplicable(promise: string, broker: string, what: string, why: string): void {
  keep({ promise, broker, what, applies: false, why });
}

function keep(row: Row): void {
  if (reportFile !== undefined) {
    Deno.writeTextFileSync(reportFile, `${JSON.stringify(row)}\n`, { append: true });
  }
}

const titles = [
  "promise",
  "broker",
  "what",
  "goal",
  "tried",
  "confirmed",
  "lost",
  "duplicated",
  "heals in s",
  "further",
];
const none = "–";

/** Makes a Markdown table, in the order of promises and brokers, from rows with one JSON object per line. */
export function table(kept: string): string {
  const rows: Row[] = kept.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const order = ({ promise, broker }: Row) => Number(promise.slice(1)) + (broker === "rabbitmq" ? 0 : 0.5);
  const sorted = rows.toSorted((a, b) => order(a) - order(b));
  return [titles, titles.map(() => "---"), ...sorted.map(cells)]
    .map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function cells(row: Row): string[] {
  const { promise, broker, what } = row;
  if (!row.applies) {
    return [promise, broker, what, none, `does not apply: ${row.why}`, ...Array(5).fill(none)];
  }
  const { goal, tried, confirmed, lost, duplicated, healed, further = {} } = row.found;
  const numbers = [confirmed, lost, duplicated, healed].map((value) =>
    value === undefined ? none : shown(value)
  );
  return [promise, broker, what, goal, list(tried), ...numbers, list(further) || none];
}

function list(figures: Figures): string {
  return Object.entries(figures).map(([name, value]) => `${name} ${shown(value)}`).join(", ");
}

function shown(value: number | string): string {
  return typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 2 }) : value;
}
