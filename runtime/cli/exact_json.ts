/**
 * JSON of what AMQP carries, with nothing lost: integers with all their digits, bytes as `{ "base64": "/wA=" }`, times as
 * ISO has them.
 */
export function exactJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, item) => exact(item), indent);
}

function exact(item: unknown): unknown {
  if (typeof item === "bigint") return rawJson(`${item}`);
  return item instanceof Uint8Array ? { base64: item.toBase64() } : item;
}

// Not yet in TypeScript's types.
const { rawJSON: rawJson } = JSON as unknown as { rawJSON(text: string): unknown };
