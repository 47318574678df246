import { ArgumentError } from "./errors.ts";
import { shown } from "./shown.ts";

/** How a body is read or written when its content type shall not decide. */
export type Codec = "json" | "text" | "bytes";

/** A body with the content type that says how to read it. */
export interface Encoded {
  readonly body: Uint8Array;
  readonly contentType: string;
}

/** The body read, or why it cannot be. */
export type Decoded =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

// Past this a value could not be walked without exhausting the stack.
const maxDepth = 1000;

const encoder = new TextEncoder();
const lenientUtf8 = new TextDecoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** What stands in a text that was read leniently for what is no UTF-8. */
const replacement = "\ufffd";

/** Bytes as they are, text as text, everything else as JSON. Throws an `ArgumentError` for what neither can hold. */
export function encode(value: unknown): Encoded {
  if (value instanceof Uint8Array) return { body: value, contentType: "application/octet-stream" };
  if (typeof value === "string") {
    if (!value.isWellFormed()) {
      const half = "half of a surrogate pair stands in it alone";
      throw new ArgumentError(`The text is not well formed, as ${half}: send JSON, or its bytes`);
    }
    return { body: encoder.encode(value), contentType: "text/plain; charset=utf-8" };
  }
  return encodeJson(value);
}

/** JSON, whatever the value; `undefined` is `null`. Throws an `ArgumentError` for what JSON cannot hold. */
export function encodeJson(value: unknown): Encoded {
  const text = JSON.stringify(value ?? null);
  if (text === undefined) {
    throw new ArgumentError(`JSON cannot hold ${shown(value)}: expected bytes, text or a JSON value`);
  }
  return { body: encoder.encode(text), contentType: "application/json" };
}

/** Reads a body as `codec` says, else by its content type, else as what it looks like. */
export function decode(body: Uint8Array, contentType: string | undefined, codec?: Codec): Decoded {
  switch (codec ?? codecOf(contentType)) {
    case "bytes":
      return { ok: true, value: body };
    case "text":
      return decodeText(body);
    case "json":
      return decodeJson(body);
    case undefined: {
      const text = decodeText(body);
      if (!text.ok) return { ok: true, value: body };
      const json = decodeJson(body);
      return json.ok ? json : text;
    }
  }
}

function codecOf(contentType: string | undefined): Codec | undefined {
  if (contentType === undefined || contentType === "") return undefined;
  const essence = contentType.split(";", 1)[0]!.trim().toLowerCase();
  if (essence === "application/json" || essence.endsWith("+json")) return "json";
  return essence.startsWith("text/") ? "text" : "bytes";
}

function decodeText(body: Uint8Array): Decoded {
  try {
    // To be strict takes four times as long, and can only matter where something was replaced.
    const text = lenientUtf8.decode(body);
    return { ok: true, value: text.includes(replacement) ? strictUtf8.decode(body) : text };
  } catch {
    return { ok: false, reason: "The body is not UTF-8 text" };
  }
}

function decodeJson(body: Uint8Array): Decoded {
  if (deeperThan(body, maxDepth)) {
    return { ok: false, reason: `The body is JSON nested deeper than ${maxDepth}` };
  }
  const text = decodeText(body);
  if (!text.ok) return text;
  try {
    return { ok: true, value: JSON.parse(text.value as string) };
  } catch (error) {
    return { ok: false, reason: `The body is not JSON: ${(error as Error).message}` };
  }
}

const [quote, backslash, openBracket, openBrace, closeBracket, closeBrace] = encoder.encode('"\\[{]}');

function deeperThan(json: Uint8Array, limit: number): boolean {
  if (json.length <= limit) return false;
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i];
    if (byte === quote) {
      i = endOfString(json, i);
    } else if (byte === openBracket || byte === openBrace) {
      if (++depth > limit) return true;
    } else if (byte === closeBracket || byte === closeBrace) {
      depth--;
    }
  }
  return false;
}

function endOfString(json: Uint8Array, start: number): number {
  for (let i = start + 1; i < json.length; i++) {
    if (json[i] === backslash) i++;
    else if (json[i] === quote) return i;
  }
  return json.length;
}
