import { type Codec, encode, type Encoded, encodeJson } from "../core/codec.ts";
import { RpcError } from "../core/errors.ts";
import { describeIssue, type StandardSchema } from "../core/schema.ts";

/** Where a handler's output goes; most functions' goes nowhere. */
export type OutputFor = "reply" | "publish" | "nobody";

/** Checks what a handler returned against the function's `output` schema. Throws `RpcError` if it does not fit. */
export async function checkOutput(output: unknown, schema: StandardSchema): Promise<unknown> {
  const result = await schema["~standard"].validate(output);
  if (result.issues === undefined) return result.value;
  const detail = `The handler's output does not fit: ${result.issues.map(describeIssue).join("; ")}`;
  throw new RpcError("INVALID_OUTPUT", { detail, issues: result.issues });
}

/** The output as it is sent; `undefined` where it is not. Throws `RpcError` for a reply that cannot be sent. */
export function encodeOutput(
  output: unknown,
  goal: OutputFor,
  codec: Codec | undefined,
): Encoded | undefined {
  if (goal === "nobody") return undefined;
  if (goal === "publish") return output === undefined ? undefined : encode(output);
  try {
    if (output instanceof Uint8Array) return encode(output);
    return codec === "text" ? encode(String(output ?? "")) : encodeJson(output);
  } catch (cause) {
    const detail = `The handler's output cannot be sent: ${(cause as Error).message}`;
    throw new RpcError("UNSENDABLE_OUTPUT", { detail });
  }
}
