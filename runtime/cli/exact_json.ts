/**
 * A value from AMQP as JSON, without loss: integers with all their digits, bytes as `{ "base64": "/wA=" }`, times in ISO
 * format.
 */
export function exactJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, item) => exact(item), indent);
}

function exact(item: unknown): unknown {
  if (typeof item === "bigint") return rawJson(`${item}`);
  return item instanceof Uint8Array ? { base64: item.toBase64() } : item;
}

// TypeScript's types do not have it yet.
const { rawJSON: rawJson } = JSON as unknown as { rawJSON(text: string): unknown };
