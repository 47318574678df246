import { ArgumentError, describeError, HopperError, Reject, Retry, RpcError } from "./errors.ts";
import * as linkErrors from "./link_errors.ts";
import { pack, unpack } from "./packed.ts";

/** An error on its way to another process. */
export interface ErrorCopy {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Its own further fields, packed. */
  readonly fields?: unknown;
}

// A line of the log, not a dump.
const longestText = 64 * 1024;

const classes: Record<string, { readonly prototype: Error }> = {
  ArgumentError,
  HopperError,
  Reject,
  Retry,
  RpcError,
  ...linkErrors,
};

/** An error as it can be sent, whatever was thrown. */
export function copyError(error: unknown): ErrorCopy {
  try {
    if (!(error instanceof Error)) return { name: "", message: describeError(error) };
    const { name, message, stack } = error;
    const copy = {
      name: cut(name),
      message: cut(message),
      stack: stack === undefined ? undefined : cut(stack),
    };
    const fields = Object.hasOwn(classes, name) ? ownFields(error) : undefined;
    return fields === undefined ? copy : { ...copy, fields };
  } catch {
    return { name: "", message: "An error that cannot be read" };
  }
}

/** The error that was sent: of Hopper's own class where it was one, so that `instanceof` holds. */
export function reviveError(copy: ErrorCopy): unknown {
  const { name, message, stack, fields } = copy;
  if (name === "") return message;
  const known = Object.hasOwn(classes, name) ? classes[name] : undefined;
  const error: Error = Object.create((known ?? Error).prototype);
  Object.assign(error, fields === undefined ? {} : unpack(fields));
  const hidden = { writable: true, configurable: true, enumerable: false };
  Object.defineProperties(error, {
    name: { value: name, ...hidden },
    message: { value: message, ...hidden },
    stack: { value: stack, ...hidden },
  });
  return error;
}

/** Reads what may be an error's copy; anything else is an error that cannot be read. */
export function asErrorCopy(value: unknown): ErrorCopy {
  const { name, message, stack, fields } = (value ?? {}) as Record<string, unknown>;
  if (typeof name !== "string" || typeof message !== "string") {
    return { name: "Error", message: "An error that cannot be read" };
  }
  return { name, message, stack: typeof stack === "string" ? stack : undefined, fields };
}

function ownFields(error: Error): unknown {
  const fields = Object.entries(error).filter(([key]) => key !== "name");
  if (fields.length === 0) return undefined;
  try {
    return pack(Object.fromEntries(fields));
  } catch {
    return undefined;
  }
}

function cut(text: unknown): string {
  return String(text).slice(0, longestText);
}
