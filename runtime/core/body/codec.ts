import { bytesIn, bytesType } from "./bytes_in.ts";
import { charsetIn, decodeCharset, isUtf8 } from "./charset.ts";
import { type BodyLimit, compressions, decompress, type Decompression } from "./decompress.ts";
import { ArgumentError } from "../api/errors.ts";
import { deeperThan, losesDigits } from "./json_text.ts";
import { maxDepth, unfitForJson } from "./unfit_for_json.ts";

/** How a body is read or written, whatever its content type. */
export type Codec = "json" | "text" | "bytes";

/** A body as bytes, with its content type. */
export interface Encoded {
  readonly body: Uint8Array;
  readonly contentType: string;
}

/** A decoded body, or why it cannot be decoded. */
export type Decoded =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

type DecodedText = { readonly ok: true; readonly value: string } | {
  readonly ok: false;
  readonly reason: string;
};

const encoder = new TextEncoder();
const lenientUtf8 = new TextDecoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** What a lenient decoder writes in place of bytes that are not UTF-8. */
const replacement = "\ufffd";

/**
 * Encodes bytes as they are, text as UTF-8, and anything else as JSON. `name` is what an error calls the value. Throws
 * an `ArgumentError` for a value that cannot be encoded unchanged.
 */
export function encode(value: unknown, name = "body"): Encoded {
  const bytes = bytesIn(value);
  if (bytes !== undefined) return { body: bytes, contentType: bytesType };
  if (typeof value === "string") {
    if (!value.isWellFormed()) {
      const half = "it has half of a surrogate pair";
      throw new ArgumentError(`The text is not well formed, as ${half}: send JSON, or its bytes`);
    }
    return { body: encoder.encode(value), contentType: "text/plain; charset=utf-8" };
  }
  return encodeJson(value, name);
}

/** Encodes any value as JSON; `undefined` becomes `null`. Throws an `ArgumentError` for what JSON would change. */
export function encodeJson(value: unknown, name = "body"): Encoded {
  const unfit = unfitForJson(value);
  if (unfit !== undefined) {
    throw new ArgumentError(
      `${name}${unfit.path} is ${unfit.what}, which JSON cannot hold: ${unfit.instead}`,
    );
  }
  return { body: encoder.encode(JSON.stringify(value) ?? "null"), contentType: "application/json" };
}

/**
 * Decodes a body as `codec` says, else as its content type says, else as what it looks like. `charset` is used if the
 * content type names none.
 */
export function decode(
  body: Uint8Array,
  contentType: string | undefined,
  codec?: Codec,
  charset?: string,
): Decoded {
  switch (codec ?? codecOf(contentType)) {
    case "bytes":
      return { ok: true, value: body };
    case "text":
      return decodeText(body, charsetIn(contentType) ?? charset);
    case "json":
      return decodeJson(body, charsetIn(contentType) ?? charset);
    case undefined:
      return decodeUnnamed(body, charset);
  }
}

/** A body, and the properties that say how to read it. */
export interface Described {
  readonly body: Uint8Array;
  readonly contentType?: string;
  readonly contentEncoding?: string;
}

/** Decompresses and decodes a body, as its content encoding and type say. Never rejects. */
export function decodeBody(
  { body, contentType, contentEncoding }: Described,
  limit: BodyLimit,
  codec?: Codec,
): Decoded | Promise<Decoded> {
  if (contentEncoding === undefined) return decode(body, contentType, codec);
  const read = (result: Decompression): Decoded => {
    if (!result.ok) return result;
    const decoded = decode(result.body, contentType, codec, result.charset);
    if (decoded.ok || result.unknown === undefined) return decoded;
    const known = compressions.join(", ");
    return {
      ok: false,
      reason: `${decoded.reason} (its content encoding '${result.unknown}' is not known; known are ${known})`,
    };
  };
  const decompressed = decompress(body, contentEncoding, limit);
  return decompressed instanceof Promise ? decompressed.then(read) : read(decompressed);
}

function codecOf(contentType: string | undefined): Codec | undefined {
  if (contentType === undefined || contentType === "") return undefined;
  const essence = contentType.split(";", 1)[0]!.trim().toLowerCase();
  if (essence === "application/json" || essence.endsWith("+json")) return "json";
  return essence.startsWith("text/") ? "text" : "bytes";
}

function decodeText(body: Uint8Array, charset: string | undefined): DecodedText {
  if (!isUtf8(charset)) return decodeCharset(body, charset!);
  try {
    // A strict decoder is four times slower, and needed only if the lenient one replaced something.
    const text = lenientUtf8.decode(body);
    return { ok: true, value: text.includes(replacement) ? strictUtf8.decode(body) : text };
  } catch {
    return { ok: false, reason: "The body is not UTF-8 text" };
  }
}

function decodeJson(body: Uint8Array, charset: string | undefined): Decoded {
  if (!isUtf8(charset)) {
    const text = decodeCharset(body, charset!);
    return text.ok ? decodeJson(encoder.encode(text.value), undefined) : text;
  }
  if (deeperThan(body, maxDepth)) {
    return { ok: false, reason: `The body is JSON nested deeper than ${maxDepth}` };
  }
  const text = decodeText(body, undefined);
  if (!text.ok) return text;
  try {
    return { ok: true, value: JSON.parse(text.value) };
  } catch (error) {
    return { ok: false, reason: `The body is not JSON: ${(error as Error).message}` };
  }
}

/** Decodes a body without a content type. JSON with numbers that JavaScript would change stays text. */
function decodeUnnamed(body: Uint8Array, charset: string | undefined): Decoded {
  const text = decodeText(body, charset);
  if (!text.ok) return { ok: true, value: body };
  const bytes = isUtf8(charset) ? body : encoder.encode(text.value);
  const json = decodeJson(bytes, undefined);
  return json.ok && !losesDigits(bytes) ? json : text;
}
