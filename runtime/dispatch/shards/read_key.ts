import { Reject } from "../../core/api/errors.ts";
import { type Codec, decodeBody } from "../../core/body/codec.ts";
import { keyFrom } from "../../core/message_key.ts";
import type { BareMessage } from "../../core/api/message.ts";
import type { Headers } from "../../core/ports/headers.ts";
import type { KeySource } from "../../core/settings/key_settings.ts";

/** What the key of a message is read from. */
export interface Keyed {
  readonly message: BareMessage;
  readonly headers: Headers;
}

// The runtime itself decodes the body, so it may be no larger than this.
const maxBody = 16 * 2 ** 20;

/** The key of a message that is in its body or headers; `undefined` if it has none. Rejects if the key cannot be one. */
export async function readKey(
  by: Exclude<KeySource, { kind: "function" }>,
  { message, headers }: Keyed,
  codec: Codec | undefined,
): Promise<string | undefined> {
  if (by.kind === "header") return keyFrom(headers.get(by.name));
  if (message.body.length > maxBody) {
    throw new Reject(
      `A body of ${message.body.length} bytes is too large to read its key: at most ${maxBody}`,
    );
  }
  const decoded = await decodeBody(message, { bytes: maxBody }, codec);
  // The handler's own reading says what is wrong with it.
  if (!decoded.ok) return undefined;
  let value: unknown = decoded.value;
  for (const name of by.path) {
    value = typeof value === "object" && value !== null && Object.hasOwn(value, name)
      ? (value as Record<string, unknown>)[name]
      : undefined;
  }
  return keyFrom(value);
}
