import { Reject } from "./api/errors.ts";

/** How long a key may be. It goes into a header. */
const maxKey = 200;

/** A value as a message's key; `undefined` for none. Throws a `Reject` for what cannot be one. */
export function keyFrom(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (!["string", "number", "bigint", "boolean"].includes(typeof value)) {
    const what = Array.isArray(value) ? "a list" : `a value of type ${typeof value}`;
    throw new Reject(`The message's key is ${what}, and has to be text, a number or a boolean`);
  }
  const key = String(value).toWellFormed();
  if (key.length <= maxKey) return key;
  throw new Reject(`The message's key has ${key.length} characters, and may have ${maxKey}`);
}
