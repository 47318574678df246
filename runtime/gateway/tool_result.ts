import { decodeBody } from "../core/body/codec.ts";
import { RpcError } from "../core/api/errors.ts";
import type { RawReply } from "../core/ports/outside_caller.ts";
import { isRecord } from "../core/values.ts";
import { refusalOfError } from "../http/refused.ts";
import { problemIn } from "./reply.ts";
import type { Tool } from "./tools.ts";

/** What a tool gives back, in MCP's form. */
export interface ToolResult {
  // The protocol's own types take further fields.
  readonly [field: string]: unknown;
  readonly content: ToolContent[];
  readonly structuredContent?: Record<string, unknown>;
  readonly isError?: true;
}

/** Text, an image, or other bytes. */
export type ToolContent =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image"; readonly data: string; readonly mimeType: string }
  | {
    readonly type: "resource";
    readonly resource: { readonly uri: string; readonly blob: string; readonly mimeType: string };
  };

const maxReply = { bytes: 16 * 1024 * 1024 };

/** An rpc's reply as a tool's result. */
export async function toolResult({ outputSchema, rpc }: Tool, reply: RawReply): Promise<ToolResult> {
  if (reply.isError) return toolError(await problemIn(reply));
  const { body, contentType, contentEncoding } = reply;
  const decoded = await decodeBody({ body, contentType, contentEncoding }, maxReply);
  if (!decoded.ok) return failed(`The reply cannot be read: ${decoded.reason}`);
  const { value } = decoded;
  if (value instanceof Uint8Array) return { content: [bytesContent(rpc.name, value, contentType)] };
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return {
    content: [{ type: "text", text }],
    ...outputSchema && isRecord(value) && { structuredContent: value },
  };
}

/** An error as a tool's result, so that the model learns of it; `undefined` if it is a fault of Hopper's own. */
export function errorResult(error: unknown): ToolResult | undefined {
  const refusal = refusalOfError(error);
  return refusal && failed(`${refusal.code}: ${refusal.detail}`);
}

function toolError({ code, message, data, issues }: RpcError): ToolResult {
  const more = issues ?? data;
  return failed(`${code}: ${message}${more === undefined ? "" : `\n${JSON.stringify(more)}`}`);
}

function failed(text: string): ToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

function bytesContent(name: string, bytes: Uint8Array, contentType: string | undefined): ToolContent {
  const mimeType = contentType ?? "application/octet-stream";
  const data = bytes.toBase64();
  if (mimeType.startsWith("image/")) return { type: "image", data, mimeType };
  const uri = `urn:hopper:reply:${encodeURIComponent(name)}`;
  return { type: "resource", resource: { uri, blob: data, mimeType } };
}
