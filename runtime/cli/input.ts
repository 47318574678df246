import { decode } from "../core/body/codec.ts";
import { UsageError } from "./exit.ts";

/** The INPUT of a command line, ready to send. */
export interface Input {
  readonly body: Uint8Array;
  readonly contentType: string;
}

const encoder = new TextEncoder();

/**
 * Reads the INPUT of a command line: JSON if it is valid, else text. `-` reads stdin, which is bytes if it is not UTF-8.
 * `undefined` if there is none.
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

/** Collects repeated `--header name=value`. A value is JSON if it is valid, else text. */
export function collectHeader(text: string, headers: Record<string, unknown> = {}): Record<string, unknown> {
  const at = text.indexOf("=");
  if (at < 1) {
    throw new UsageError(`'${text}' is not a header; expected name=value, such as --header format=pdf`);
  }
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

/** JSON if it is valid, else the text itself. An integer above 2^53 keeps its digits, as text if it is over 64 bits. */
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

// TypeScript's types do not have the reviver's third argument yet.
const parseExactly = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;
