import { decode } from "../core/body/codec.ts";
import { UsageError } from "./exit.ts";

/** A command line's INPUT as it is sent. */
export interface Input {
  readonly body: Uint8Array;
  readonly contentType: string;
}

const encoder = new TextEncoder();

/**
 * A command line's INPUT: JSON if it parses, else text, as it was typed; `-` reads it from stdin, where what is no
 * UTF-8 is bytes. None is `undefined`.
 */
export async function readInput(text: string | undefined): Promise<Input | undefined> {
  if (text === undefined) return undefined;
  return inputOf(text === "-" ? await new Response(Deno.stdin.readable).bytes() : encoder.encode(text));
}

function inputOf(body: Uint8Array): Input {
  const text = decode(body, "text/plain");
  if (!text.ok) return { body, contentType: "application/octet-stream" };
  const json = (text.value as string).trim();
  if (isJson(json)) return { body: encoder.encode(json), contentType: "application/json" };
  return { body, contentType: "text/plain; charset=utf-8" };
}

/** Collects repeated `--header name=value`; values are JSON if they parse, else text. */
export function collectHeader(text: string, headers: Record<string, unknown> = {}): Record<string, unknown> {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`'${text}' is not a header; expected name=value, as --header format=pdf`);
  return { ...headers, [text.slice(0, at)]: headerValue(text.slice(at + 1)) };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** JSON if it parses, else the text itself; an integer beyond 2^53 keeps its digits, as text where AMQP has no room. */
function headerValue(text: string): unknown {
  try {
    return parseExactly(
      text,
      (_, value, { source = "" }) => isLossy(value, source) ? integer(source) : value,
    );
  } catch {
    return text;
  }
}

function integer(digits: string): bigint | string {
  const value = BigInt(digits);
  return BigInt.asIntN(64, value) === value ? value : digits;
}

function isLossy(value: unknown, source: string): boolean {
  return typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source);
}

// TypeScript does not know of the source yet.
const parseExactly = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;
