/** What a fault test found, for people: one line a promise and broker, and a row of the table at the end of a run. */

/** Whether the counts are those of a release, and not the smaller ones of every day. */
export const full = Deno.env.get("HOPPER_FAULTS") === "full";

/** Where {@linkcode report} leaves its rows for the table, if anybody wants it. */
const reportFile = Deno.env.get("HOPPER_FAULTS_REPORT");

type Figures = Readonly<Record<string, number | string>>;

/** What was found, as a test says it. What it does not say was not asked. */
export interface Found {
  /** Of which promise, if not of the test's own. */
  readonly promise?: string;
  /** What was done. */
  readonly what: string;
  /** What must be reached. */
  readonly goal: string;
  /** How often, and with how much: `{ kills: 3, messages: 60_000 }`. */
  readonly tried: Figures;
  /** Messages that the broker has confirmed to their sender. */
  readonly confirmed?: number;
  /** Of those, messages that were neither handled nor are in a queue. */
  readonly lost?: number;
  /** Messages that came twice. */
  readonly duplicated?: number;
  /** Seconds from the end of the fault until messages pass again; the longest, if it was tried more than once. */
  readonly healed?: number;
  readonly further?: Figures;
}

/** A row of the table. */
export type Row =
  & { readonly promise: string; readonly broker: string; readonly what: string }
  & (
    | { readonly applies: true; readonly found: Found }
    /** Why it cannot be tried on this broker. */
    | { readonly applies: false; readonly why: string }
  );

/** Prints what was found; call it before the assertions, so that a failure shows its figures too. */
export function report(promise: string, broker: string, found: Found): void {
  const row: Row = { promise: found.promise ?? promise, broker, what: found.what, applies: true, found };
  const [, , what, goal, ...columns] = cells(row);
  const shown = columns.flatMap((cell, index) =>
    cell === none ? [] : [index === 0 || index === columns.length - 1 ? cell : `${titles[index + 4]} ${cell}`]
  );
  console.log(`${row.promise} · ${broker} · ${what}: ${shown.join(", ")} (goal: ${goal})`);
  keep(row);
}

/** Says in the table why a promise is not tried on this broker. */
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

/** The rows that were kept, one JSON object a line, as a Markdown table in the order of promises and brokers. */
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
