import { isRecord } from "../../core/values.ts";
import { Refused } from "../../http/refused.ts";

/** The JSON object in a request's body; empty without a body. Throws a `Refused` for anything else. */
export async function bodyOf(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const text = await request.text();
  if (text.trim() === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refused(400, "BAD_REQUEST", "The request's body is not JSON");
  }
  if (!isRecord(value) || Array.isArray(value)) {
    throw new Refused(400, "BAD_REQUEST", "The request's body is not a JSON object, such as {}");
  }
  return value;
}

/** What a message is sent with. */
export interface Input {
  readonly value: unknown;
  /** Whether it is text that is sent as it is. */
  readonly isText: boolean;
}

/** The `input` (any JSON) or `text` of a body; `undefined` if it has neither. */
export function inputOf({ input, text }: Readonly<Record<string, unknown>>): Input | undefined {
  if (text !== undefined && typeof text !== "string") {
    throw new Refused(400, "BAD_REQUEST", "'text' is not text");
  }
  if (text !== undefined && input !== undefined) {
    throw new Refused(400, "BAD_REQUEST", "Give either 'input' or 'text'");
  }
  if (text !== undefined) return { value: text, isText: true };
  return input === undefined ? undefined : { value: input, isText: false };
}
