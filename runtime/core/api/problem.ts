import { headline, RpcError } from "./errors.ts";
import { shown } from "../text/shown.ts";

/** The content type of an RPC's error reply. */
export const problemContentType = "application/problem+json";

/** An RPC's error reply: RFC 9457, with Hopper's own fields. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly data?: unknown;
  readonly issues?: readonly unknown[];
}

/**
 * The error reply for what a handler threw. Paths in it start below `folders`, so that a caller does not learn where
 * things are on the server.
 */
export function toProblem(thrown: unknown, folders: readonly string[] = []): Problem {
  const error = thrown instanceof RpcError
    ? thrown
    : new RpcError("HANDLER_FAILED", { detail: headline(thrown), cause: thrown });
  return {
    type: `urn:hopper:problem:${error.code}`,
    title: title(error.code),
    status: error.status,
    detail: without(error.message, folders),
    code: error.code,
    ...(error.data === undefined ? {} : { data: error.data }),
    ...(error.issues === undefined ? {} : { issues: error.issues }),
  };
}

function without(text: string, folders: readonly string[]): string {
  return folders.reduce((rest, folder) => {
    const path = folder.replace(/\/+$/, "");
    return path === "" ? rest : rest.replaceAll(`file://${path}/`, "").replaceAll(`${path}/`, "");
  }, text);
}

/** The error for an error reply. The reply may come from any program, and have any shape. */
export function fromProblem(value: unknown): RpcError {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    return new RpcError("UNKNOWN", {
      detail: `The error reply is not a problem object: ${shown(value, 1000)}`,
    });
  }
  const problem = value as Partial<Record<keyof Problem, unknown>>;
  const text = (part: unknown) => typeof part === "string" && part !== "" ? part : undefined;
  return new RpcError(text(problem.code) ?? "UNKNOWN", {
    detail: text(problem.detail) ?? text(problem.title),
    data: problem.data,
    status: typeof problem.status === "number" ? problem.status : undefined,
    issues: Array.isArray(problem.issues) ? problem.issues : undefined,
  });
}

function title(code: string): string {
  const words = code.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
