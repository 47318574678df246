/** What a fault test found, for people: one line a promise, and a row of the table at the end of a run. */

/** Whether the counts are those of a release, and not the smaller ones of every day. */
export const full = Deno.env.get("HOPPER_FAULTS") === "full";

/** Where {@linkcode report} leaves its rows for the table, if anybody wants it. */
const reportFile = Deno.env.get("HOPPER_FAULTS_REPORT");

/** A line of figures. */
export interface Figures {
  /** `"P1"` to `"P17"`. */
  readonly promise: string;
  /** What was done, and to which broker. */
  readonly what: string;
  /** What must be reached. */
  readonly goal: string;
  /** What was found: `{ tried: 1000, lost: 0 }`. */
  readonly found: Readonly<Record<string, number | string>>;
}

/** Prints what was found; call it before the assertions, so that a failure shows its figures too. */
export function report({ promise, what, goal, found }: Figures): void {
  const shown = Object.entries(found).map(([name, value]) => `${name} ${shownValue(value)}`).join(", ");
  console.log(`${promise} · ${what}: ${shown} (goal: ${goal})`);
  if (reportFile === undefined) return;
  Deno.writeTextFileSync(reportFile, `${JSON.stringify({ promise, what, goal, shown })}\n`, { append: true });
}

function shownValue(value: number | string): string {
  return typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 2 }) : value;
}
