/** The content type of bytes, if nobody gave another one. */
export const bytesType = "application/octet-stream";

/** The bytes in a buffer or a view of one, without a copy where possible; `undefined` for any other value. */
export function bytesIn(value: unknown): Uint8Array | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return value.buffer instanceof ArrayBuffer ? bytes : new Uint8Array(bytes);
  }
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  // Copied, because other threads may write to shared memory meanwhile.
  return value instanceof SharedArrayBuffer ? new Uint8Array(new Uint8Array(value)) : undefined;
}
