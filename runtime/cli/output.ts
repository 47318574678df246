import { printable } from "../core/text/printable.ts";

/** Writes a value to stdout: text as text, bytes as bytes, everything else as JSON. */
export function printValue(value: unknown): void {
  if (value instanceof Uint8Array) writeAll(value);
  else console.log(typeof value === "string" ? value : JSON.stringify(value ?? null));
}

/** Writes text to stdout. Unlike `console.log`, it throws a `Deno.errors.BrokenPipe` when nobody can read it any more. */
export function write(text: string): void {
  writeAll(new TextEncoder().encode(text));
}

/** Prints the progress of long work once a second, if stderr is a terminal. */
export function progress(done: string): (count: number) => void {
  if (!Deno.stderr.isTerminal()) return () => {};
  let told = performance.now();
  return (count) => {
    if (performance.now() - told < 1_000) return;
    told = performance.now();
    console.error(`${count.toLocaleString("en")} ${done} so far`);
  };
}

/** Rows as aligned columns. Special characters in a cell are escaped, so that a row is always one line. */
export function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(printable));
  const widths = (rows[0] ?? []).map((_, column) =>
    cells.reduce((widest, row) => Math.max(widest, row[column]!.length), 0)
  );
  return cells
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd())
    .join("\n");
}

function writeAll(bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(Deno.stdout.writeSync(rest));
}
