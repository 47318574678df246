import { bytesIn } from "../../core/body/bytes_in.ts";
import { type Codec, type Encoded, encodeJson } from "../../core/body/codec.ts";
import { ArgumentError, RpcError } from "../../core/api/errors.ts";
import { outgoingBody } from "../../core/body/outgoing_body.ts";
import { unfitForJson } from "../../core/body/unfit_for_json.ts";
import { describeIssue, type StandardSchema } from "../../core/api/schema.ts";

/** Where a handler's output goes. For most functions it goes nowhere. */
export type OutputFor = "reply" | "publish" | "nobody";

/** Checks what a handler returned against the function's `output` schema. Throws `RpcError` if it does not match. */
export async function checkOutput(output: unknown, schema: StandardSchema): Promise<unknown> {
  const result = await schema["~standard"].validate(output);
  if (result.issues === undefined) return result.value;
  const detail = `The handler's output does not match its schema: ${
    result.issues.map(describeIssue).join("; ")
  }`;
  throw new RpcError("INVALID_OUTPUT", { detail, issues: result.issues });
}

/** The name of the output in error messages. */
const name = "result";

/** Encodes the output; `undefined` if nobody gets it. Throws or rejects with `RpcError` if a reply cannot be sent. */
export function encodeOutput(
  output: unknown,
  goal: OutputFor,
  codec: Codec | undefined,
): Encoded | undefined | Promise<Encoded> {
  switch (goal) {
    case "nobody":
      requireRun(output);
      return undefined;
    case "publish":
      return output === undefined ? undefined : outgoingBody(output, name);
    case "reply":
      try {
        const reply = encodeReply(output, codec);
        return reply instanceof Promise ? reply.catch(refuse) : reply;
      } catch (error) {
        return refuse(error);
      }
  }
}

function encodeReply(output: unknown, codec: Codec | undefined): Encoded | Promise<Encoded> {
  if (codec === "text") return outgoingBody(textOf(output), name);
  return typeof output === "string" ? encodeJson(output) : outgoingBody(output, name);
}

function textOf(output: unknown): unknown {
  if (typeof output !== "object") return String(output ?? "");
  if (output === null) return "";
  const isBytes = bytesIn(output) !== undefined || output instanceof Blob || output instanceof ReadableStream;
  if (isBytes) return output;
  throw new ArgumentError(`${name} is an object; with codec: "text" expected text or bytes`);
}

function refuse(cause: unknown): never {
  const detail = `The handler's output cannot be sent: ${(cause as Error).message}`;
  throw new RpcError("UNSENDABLE_OUTPUT", { detail });
}

/** The error in a form that its caller can get. Data that JSON cannot hold is left out, and the message says so. */
export function sendableError(error: RpcError): RpcError {
  const { code, message, data, status, issues, cause, stack } = error;
  const unfit = unfitForJson(data);
  if (unfit === undefined) return error;
  const detail =
    `${message} (without its data, because data${unfit.path} is ${unfit.what}: ${unfit.instead})`;
  return Object.assign(new RpcError(code, { detail, status, issues: issues?.slice(), cause }), { stack });
}

/** Throws for what a generator function returned, which has not run any code yet. */
export function requireRun(output: unknown): void {
  if (typeof output !== "object" || output === null) return;
  const kind = Object.prototype.toString.call(output);
  if (kind !== "[object Generator]" && kind !== "[object AsyncGenerator]") return;
  throw new TypeError(
    "The handler returned a generator, which does not run by itself: expected a function without the '*'",
  );
}
