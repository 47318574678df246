import { decode } from "../core/codec.ts";
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
  if (at < 1) throw new UsageError(`'${text}' is no header; expected name=value, as --header format=pdf`);
  return { ...headers, [text.slice(0, at)]: headerOf(text.slice(at + 1)) };
}

// AMQP has integers of 64 bits, and JavaScript's numbers do not hold them all.
function headerOf(text: string): unknown {
  const integer = /^-?[1-9]\d{15,18}$/.test(text) ? BigInt(text) : undefined;
  if (integer !== undefined && BigInt.asIntN(64, integer) === integer) return integer;
  const value = decode(encoder.encode(text), undefined);
  return value.ok ? value.value : text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
