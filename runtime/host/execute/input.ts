import { type Codec, decodeBody, type Decoded } from "../../core/body/codec.ts";
import type { BodyLimit } from "../../core/body/decompress.ts";
import { Reject, RpcError } from "../../core/api/errors.ts";
import type { BareMessage } from "../../core/api/message.ts";
import { describeIssue, type StandardSchema } from "../../core/api/schema.ts";

/** The input for the handler, or why the message has none. */
export type Read =
  | { readonly ok: true; readonly input: unknown }
  | { readonly ok: false; readonly error: Reject | RpcError };

/** What decides how a message is decoded and checked. */
export interface Reading {
  readonly isRpc: boolean;
  readonly codec: Codec | undefined;
  readonly input: StandardSchema | undefined;
  /** How long a decompressed body may be. */
  readonly limit: BodyLimit;
}

/** Decodes a message's body and checks it against the function's `input` schema, if it has one. */
export function readInput(message: BareMessage, reading: Reading): Read | Promise<Read> {
  const decoded = decodeBody(message, reading.limit, reading.codec);
  return decoded instanceof Promise
    ? decoded.then((decoded) => check(decoded, message, reading))
    : check(decoded, message, reading);
}

function check(decoded: Decoded, message: BareMessage, reading: Reading): Read | Promise<Read> {
  if (!decoded.ok) {
    const { reason } = decoded;
    return refused(
      reading.isRpc ? new RpcError("BAD_REQUEST", { detail: reason, status: 400 }) : new Reject(reason),
    );
  }
  // A copy, because a handler may change its input, and the message may still have to be moved unchanged.
  const value = decoded.value === message.body ? new Uint8Array(message.body) : decoded.value;
  return reading.input === undefined
    ? { ok: true, input: value }
    : checkInput(value, reading.input, reading.isRpc);
}

async function checkInput(value: unknown, schema: StandardSchema, isRpc: boolean): Promise<Read> {
  const result = await schema["~standard"].validate(value);
  if (result.issues === undefined) return { ok: true, input: result.value };
  const { issues } = result;
  const detail = `The input does not match its schema: ${issues.map(describeIssue).join("; ")}`;
  return refused(isRpc ? new RpcError("INVALID_INPUT", { detail, status: 422, issues }) : new Reject(detail));
}

function refused(error: Reject | RpcError): Read {
  return { ok: false, error };
}
