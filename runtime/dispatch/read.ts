import { decode } from "../core/codec.ts";
import { Reject, RpcError } from "../core/errors.ts";
import type { Message } from "../core/message.ts";
import { describeIssue, type StandardSchema } from "../core/schema.ts";
import type { Resolved } from "../core/settings.ts";

/** The input for the handler, or why this message can have none. */
export type Read =
  | { readonly ok: true; readonly input: unknown }
  | { readonly ok: false; readonly error: Reject | RpcError };

/** Decodes a message's body and checks it against the function's `input` schema. */
export async function readInput(message: Message, settings: Resolved, isRpc: boolean): Promise<Read> {
  const decoded = decode(message.body, message.contentType, settings.codec);
  if (!decoded.ok) {
    return refused(
      isRpc
        ? new RpcError("BAD_REQUEST", { detail: decoded.reason, status: 400 })
        : new Reject(decoded.reason),
    );
  }
  if (settings.input === undefined) return { ok: true, input: decoded.value };
  const result = await settings.input["~standard"].validate(decoded.value);
  if (result.issues === undefined) return { ok: true, input: result.value };
  const detail = `The input does not fit: ${result.issues.map(describeIssue).join("; ")}`;
  return refused(
    isRpc
      ? new RpcError("INVALID_INPUT", { detail, status: 422, issues: result.issues })
      : new Reject(detail),
  );
}

/** Checks what a handler returned against the function's `output` schema. Throws `RpcError` if it does not fit. */
export async function checkOutput(output: unknown, schema: StandardSchema | undefined): Promise<unknown> {
  if (schema === undefined) return output;
  const result = await schema["~standard"].validate(output);
  if (result.issues === undefined) return result.value;
  const detail = `The handler's output does not fit: ${result.issues.map(describeIssue).join("; ")}`;
  throw new RpcError("INVALID_OUTPUT", { detail, issues: result.issues });
}

function refused(error: Reject | RpcError): Read {
  return { ok: false, error };
}
