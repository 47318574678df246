/** Content type of bytes that nobody has called anything else. */
export const bytesType = "application/octet-stream";

/** The bytes that a buffer or a view of one holds, which share its memory where they can; nothing for other values. */
export function bytesIn(value: unknown): Uint8Array | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return value.buffer instanceof ArrayBuffer ? bytes : new Uint8Array(bytes);
  }
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  // Others write to shared memory meanwhile.
  return value instanceof SharedArrayBuffer ? new Uint8Array(new Uint8Array(value)) : undefined;
}
