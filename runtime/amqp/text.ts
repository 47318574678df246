import { Buffer, isUtf8 } from "node:buffer";

// The codec's strings have one character a byte, so that whatever came goes out as it was. Most are ASCII, which is the
// same either way.

const ascii = /^[\0-\x7f]*$/;

/** Text as the codec has strings: its UTF-8, one character a byte. */
export function toBinary(text: string): string {
  return ascii.test(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** The text that a string of the codec is; nothing if it is no UTF-8. */
export function toText(binary: string): string | undefined {
  if (ascii.test(binary)) return binary;
  const bytes = Buffer.from(binary, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : undefined;
}

/** The same, with U+FFFD for what is no UTF-8. */
export function toLenientText(binary: string): string {
  return ascii.test(binary) ? binary : Buffer.from(binary, "latin1").toString("utf8");
}

/** A string of the codec as bytes of their own. */
export function toBytes(binary: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(binary, "latin1"));
}

/** Bytes as the codec has strings. */
export function fromBytes({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString("latin1");
}
