import { ArgumentError, describeError, HopperError, Reject, Retry, RpcError } from "../../core/api/errors.ts";
import * as linkErrors from "../../core/ports/amqp_errors.ts";
import { pack, unpack } from "./packed.ts";

/** An error on its way to another process. */
export interface ErrorCopy {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Further fields, packed: all of an error of Hopper's, of others what says why they were thrown. */
  readonly fields?: unknown;
  readonly cause?: ErrorCopy;
  /** What an AggregateError is made of. */
  readonly errors?: readonly ErrorCopy[];
}

// A line of the log, not a dump.
const maxText = 64 * 1024;

const classes: Record<string, { readonly prototype: Error }> = {
  ArgumentError,
  HopperError,
  Reject,
  Retry,
  RpcError,
  ...linkErrors,
};

// An error may be its own cause.
const deepestCause = 5;
const maxErrors = 5;

/** An error as it can be sent, whatever was thrown. */
export function copyError(error: unknown, depth = 0): ErrorCopy {
  try {
    if (!(error instanceof Error)) return { name: "", message: describeError(error) };
    const { name, message, stack, cause } = error;
    return {
      name: cut(name),
      message: cut(message),
      ...(stack === undefined ? {} : { stack: cut(stack) }),
      ...fieldsOf(error),
      ...(cause !== undefined && depth < deepestCause ? { cause: copyError(cause, depth + 1) } : {}),
      ...(error instanceof AggregateError && depth < deepestCause ? { errors: partsOf(error, depth) } : {}),
    };
  } catch {
    return { name: "", message: "An error that cannot be read" };
  }
}

function partsOf({ errors }: AggregateError, depth: number): ErrorCopy[] {
  return errors.slice(0, maxErrors).map((one) => copyError(one, depth + 1));
}

/** The error that was sent: of Hopper's own class where it was one, so that `instanceof` holds. */
export function reviveError(copy: ErrorCopy): unknown {
  const { name, message, stack, fields, cause, errors } = copy;
  if (name === "") return message;
  const known = Object.hasOwn(classes, name) ? classes[name] : undefined;
  const error: Error = Object.create((known ?? Error).prototype);
  // Defined and not assigned: a field named `__proto__` is a field.
  Object.defineProperties(error, Object.getOwnPropertyDescriptors(unpackFields(fields)));
  const hidden = { writable: true, configurable: true, enumerable: false };
  Object.defineProperties(error, {
    name: { value: name, ...hidden },
    message: { value: message, ...hidden },
    stack: { value: stack, ...hidden },
    ...(cause === undefined ? {} : { cause: { value: reviveError(cause), ...hidden } }),
    ...(errors === undefined ? {} : { errors: { value: errors.map(reviveError), ...hidden } }),
  });
  return error;
}

/** Reads what may be an error's copy; anything else is an error that cannot be read. */
export function asErrorCopy(value: unknown, depth = 0): ErrorCopy {
  const { name, message, stack, fields, cause, errors } = (value ?? {}) as Record<string, unknown>;
  if (typeof name !== "string" || typeof message !== "string") {
    return { name: "Error", message: "An error that cannot be read" };
  }
  return {
    name: cut(name),
    message: cut(message),
    stack: typeof stack === "string" ? cut(stack) : undefined,
    fields,
    cause: cause === undefined || depth >= deepestCause ? undefined : asErrorCopy(cause, depth + 1),
    errors: Array.isArray(errors) && depth < deepestCause
      ? errors.slice(0, maxErrors).map((one) => asErrorCopy(one, depth + 1))
      : undefined,
  };
}

function fieldsOf(error: Error): { fields?: unknown } {
  const isOwn = Object.hasOwn(classes, error.name);
  const fields = Object.entries(error).filter(([key, value]) =>
    isOwn ? key !== "name" : whyKeys.has(key) && typeof value === "string"
  );
  const packed = fields.flatMap(([key, value]) => packField(key, value));
  return packed.length === 0 ? {} : { fields: Object.fromEntries(packed) };
}

// One field that cannot be sent is no reason to lose the others.
function packField(key: string, value: unknown): [string, unknown][] {
  try {
    return [[key, pack(value)]];
  } catch {
    return [];
  }
}

// What Node's errors say beside their text.
const whyKeys = new Set(["code", "hostname"]);

function unpackFields(fields: unknown): object {
  try {
    return Object(unpack(fields));
  } catch {
    return {};
  }
}

function cut(text: unknown): string {
  return String(text).slice(0, maxText);
}
