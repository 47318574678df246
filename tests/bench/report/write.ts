/** Writes a report to the files that were asked for. */

import { dirname } from "node:path";
import { cases } from "../cases.ts";
import type { Report, Result } from "./result.ts";
import { svgOf } from "./svg.ts";

/** `svg` is a file, or a folder that gets a picture for each bench. */
export async function writeFiles(
  report: Report,
  { json, svg }: { readonly json?: string; readonly svg?: string },
): Promise<void> {
  if (json !== undefined) await write(json, `${JSON.stringify(report, null, 2)}\n`);
  if (svg === undefined) return;
  if (svg.endsWith(".svg")) return await write(svg, svgOf(report));
  for (const [bench, results] of byBench(report.results)) {
    await write(`${svg.replace(/\/$/, "")}/${bench}.svg`, svgOf({ ...report, results }));
  }
}

function byBench(results: readonly Result[]): Map<string, Result[]> {
  return Map.groupBy(results, (result) => cases.find(({ id }) => id === result.case)!.bench);
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text);
  console.error(`Wrote ${path}`);
}
