import { UsageError } from "./exit.ts";

/** A command line's INPUT: JSON if it parses, else text; `-` reads it from stdin; none is `undefined`. */
export async function readInput(text: string | undefined): Promise<unknown> {
  if (text === undefined) return undefined;
  return jsonOrText(text === "-" ? await new Response(Deno.stdin.readable).text() : text);
}

/** JSON if it parses, else the text itself. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Collects repeated `--header name=value`; values are JSON if they parse, else text. */
export function collectHeader(text: string, headers: Record<string, unknown> = {}): Record<string, unknown> {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`'${text}' is no header; expected name=value, as --header format=pdf`);
  return { ...headers, [text.slice(0, at)]: headerValue(text.slice(at + 1)) };
}

/** JSON if it parses, else the text itself; an integer beyond 2^53 keeps its digits. */
function headerValue(text: string): unknown {
  try {
    return parseExactly(text, (_, value, { source = "" }) => isLossy(value, source) ? BigInt(source) : value);
  } catch {
    return text;
  }
}

function isLossy(value: unknown, source: string): boolean {
  return typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source);
}

// TypeScript does not know of the source yet.
const parseExactly = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;
