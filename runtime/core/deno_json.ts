import { readFileSync } from "node:fs";
import stripJsonComments from "strip-json-comments";
import { isRecord } from "./values.ts";

/**
 * What a deno.json, or deno.jsonc, says: JSON with comments and trailing commas. Empty where it cannot be read: Deno says
 * what is wrong with it.
 */
export function readDenoJson(path: string): Readonly<Record<string, unknown>> {
  try {
    const said = JSON.parse(stripJsonComments(readFileSync(path, "utf8"), { trailingCommas: true }));
    return isRecord(said) ? said : {};
  } catch {
    return {};
  }
}
