/** Bytes as RabbitMQ shows them: `<<"abc">>` where all are printable, else `<<1,2,3>>`. */
export function printBinary(bytes: Uint8Array): string {
  const isText = bytes.length > 0 && bytes.every((byte) => byte >= 32 && byte < 127);
  return `<<${isText ? `"${String.fromCharCode(...bytes)}"` : [...bytes].join(",")}>>`;
}
