/** Benches that compare nothing with amqplib: programs that print tables of their own. */

import { fileURLToPath } from "node:url";
import type { Other } from "./args.ts";
import type { Table } from "./report/result.ts";

/** Runs one in a process of its own, so many rounds or messages; shows what it prints, and returns its tables. */
export async function runOther(name: Other, count: number | undefined): Promise<Table[]> {
  const program = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", program, ...count === undefined ? [] : [`${count}`]],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  console.log(`\n### ${name}\n`);
  let printed = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    printed += text;
    await Deno.stdout.write(new TextEncoder().encode(text));
  }
  const { code } = await child.status;
  if (code !== 0) throw new Error(`'${name}' ended with code ${code}`);
  return tablesIn(name, printed);
}

/** The tables in a text in Markdown. */
export function tablesIn(title: string, text: string): Table[] {
  const tables: Table[] = [];
  let lines: string[] = [];
  const finish = () => {
    const [columns, , ...rows] = lines.map(cellsOf);
    if (columns) tables.push({ title, columns, rows });
    lines = [];
  };
  for (const line of text.split("\n")) {
    if (line.startsWith("|")) lines.push(line);
    else finish();
  }
  finish();
  return tables;
}

function cellsOf(line: string): string[] {
  return line.split("|").slice(1, -1).map((cell) => cell.trim());
}
