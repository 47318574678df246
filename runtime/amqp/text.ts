import { Buffer, isUtf8 } from "node:buffer";

// The codec's strings have one character for each byte, so that any bytes are passed on unchanged. For ASCII there is no
// difference.

const ascii = /^[\0-\x7f]*$/;

/** Converts text to a string of the codec: its UTF-8, with one character for each byte. */
export function toBinary(text: string): string {
  return ascii.test(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** Converts a string of the codec to text; `undefined` if it is not UTF-8. */
export function toText(binary: string): string | undefined {
  if (ascii.test(binary)) return binary;
  const bytes = Buffer.from(binary, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : undefined;
}

/** The same, but bytes that are not UTF-8 become U+FFFD. */
export function toLenientText(binary: string): string {
  return ascii.test(binary) ? binary : Buffer.from(binary, "latin1").toString("utf8");
}

/** Converts a string of the codec to bytes. */
export function toBytes(binary: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(binary, "latin1"));
}

/** Converts bytes to a string of the codec. */
export function fromBytes({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString("latin1");
}
