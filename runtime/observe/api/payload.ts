import { decodeBody } from "../../core/body/codec.ts";
import { losesDigits } from "../../core/body/json_text.ts";
import { charsetIn, isUtf8 } from "../../core/body/charset.ts";
import type { PayloadView } from "./views.ts";

/** A body as it is kept, which may be its beginning only. */
export interface Body {
  readonly body: Uint8Array;
  /** The size of the whole body in bytes. */
  readonly size: number;
  readonly contentType: string | undefined;
  readonly contentEncoding?: string;
}

// A small compressed body may hold a very large one.
const maxDecompressed = { bytes: 1024 * 1024 };

/** A body for people. JSON whose numbers would lose digits stays text. */
export async function payloadOf({ body, size, contentType, contentEncoding }: Body): Promise<PayloadView> {
  const about = { bytes: size, cut: body.length < size, ...contentType === undefined ? {} : { contentType } };
  if (about.cut) return { ...textOrBytes(body, contentType, contentEncoding, true), ...about };
  const decoded = await decodeBody({ body, contentType, contentEncoding }, maxDecompressed);
  if (!decoded.ok || decoded.value instanceof Uint8Array) {
    return { ...textOrBytes(body, contentType, contentEncoding, false), ...about };
  }
  const { value } = decoded;
  if (typeof value === "string") return { kind: "text", value, ...about };
  const text = await decodeBody({ body, contentType, contentEncoding }, maxDecompressed, "text");
  return text.ok && losesDigits(new TextEncoder().encode(text.value as string))
    ? { kind: "text", value: text.value, ...about }
    : { kind: "json", value, ...about };
}

/** A value, such as an rpc's output, as a payload. */
export function payloadOfValue(value: unknown): PayloadView {
  if (value instanceof Uint8Array) {
    return { kind: "base64", value: value.toBase64(), bytes: value.length, cut: false };
  }
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "null";
  const bytes = new TextEncoder().encode(text).length;
  return typeof value === "string"
    ? { kind: "text", value, bytes, cut: false }
    : { kind: "json", value: value ?? null, bytes, cut: false };
}

function textOrBytes(
  body: Uint8Array,
  contentType: string | undefined,
  contentEncoding: string | undefined,
  cut: boolean,
): Pick<PayloadView, "kind" | "value"> {
  if (contentEncoding === undefined && isUtf8(charsetIn(contentType))) {
    try {
      // A character may be cut in two: then the last bytes of it are left out.
      const text = new TextDecoder("utf-8", { fatal: true }).decode(body, { stream: cut });
      return { kind: "text", value: text };
    } catch {
      // Not text.
    }
  }
  return { kind: "base64", value: body.toBase64() };
}
