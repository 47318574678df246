import { type Codec, decodeBody } from "../../core/body/codec.ts";
import type { BodyLimit } from "../../core/body/decompress.ts";
import type { KeyFunction } from "../../core/api/key_options.ts";
import { keyFrom } from "../../core/message_key.ts";
import { Reject } from "../../core/api/errors.ts";
import type { BareMessage } from "../../core/api/message.ts";
import type { Outcome } from "../../core/ports/outcome.ts";

/** What is needed to ask for a message's key. */
export interface KeyAsked {
  readonly keyOf: KeyFunction<unknown> | undefined;
  readonly codec: Codec | undefined;
  readonly limit: BodyLimit;
}

const none: Outcome = { kind: "returned" };
const encoder = new TextEncoder();

/** Calls the function that gives a message's key. The key is the outcome's output; a message without one has none. */
export async function askKey({ keyOf, codec, limit }: KeyAsked, message: BareMessage): Promise<Outcome> {
  const decoded = await decodeBody(message, limit, codec);
  // The handler's own reading says what is wrong with it.
  if (!decoded.ok || keyOf === undefined) return none;
  try {
    const value = decoded.value === message.body ? message.body.slice() : decoded.value;
    const key = keyFrom(await keyOf(value));
    if (key === undefined) return none;
    return { kind: "returned", output: { body: encoder.encode(key), contentType: "text/plain" } };
  } catch (error) {
    return { kind: error instanceof Reject ? "rejected" : "failed", error };
  }
}

/** The function for keys in a function's options, if there is one. */
export function keyFunctionIn(options: unknown): KeyFunction<unknown> | undefined {
  const { order, concurrency, debounce, throttle } = options as {
    order?: { by?: unknown };
    concurrency?: number | { key?: unknown };
    debounce?: { key?: unknown };
    throttle?: { key?: unknown };
  };
  const limit = typeof concurrency === "object" ? concurrency : undefined;
  const key = order?.by ?? (debounce ?? throttle ?? limit)?.key;
  return typeof key === "function" ? key as KeyFunction<unknown> : undefined;
}
