import {
  ArgumentError,
  BatchFailed,
  describeError,
  HopperError,
  Reject,
  Retry,
  RpcError,
} from "../../core/api/errors.ts";
import * as linkErrors from "../../core/ports/amqp_errors.ts";
import { pack, unpack } from "./packed.ts";

/** An error in a form that can be sent to another process. */
export interface ErrorCopy {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** More fields, packed: all fields of Hopper's own errors; `code` and `hostname` of other errors. */
  readonly fields?: unknown;
  readonly cause?: ErrorCopy;
  /** The errors in an AggregateError. */
  readonly errors?: readonly ErrorCopy[];
}

// A limit, because these texts go to the log.
const maxText = 64 * 1024;

const classes: Record<string, { readonly prototype: Error }> = {
  ArgumentError,
  BatchFailed,
  HopperError,
  Reject,
  Retry,
  RpcError,
  ...linkErrors,
};

// A limit, because an error may be its own cause.
const maxCauses = 5;
const maxErrors = 5;

/** Copies whatever was thrown into a form that can be sent. */
export function copyError(error: unknown, depth = 0): ErrorCopy {
  try {
    if (!(error instanceof Error)) return { name: "", message: describeError(error) };
    const { name, message, stack, cause } = error;
    return {
      name: cut(name),
      message: cut(message),
      ...(stack === undefined ? {} : { stack: cut(stack) }),
      ...fieldsOf(error),
      ...(cause !== undefined && depth < maxCauses ? { cause: copyError(cause, depth + 1) } : {}),
      ...(error instanceof AggregateError && depth < maxCauses ? { errors: partsOf(error, depth) } : {}),
    };
  } catch {
    return { name: "", message: "An error that cannot be read" };
  }
}

function partsOf({ errors }: AggregateError, depth: number): ErrorCopy[] {
  return errors.slice(0, maxErrors).map((one) => copyError(one, depth + 1));
}

/** Makes an error from a copy. Hopper's own errors get their class again, so that `instanceof` works. */
export function reviveError(copy: ErrorCopy): unknown {
  const { name, message, stack, fields, cause, errors } = copy;
  if (name === "") return message;
  const known = Object.hasOwn(classes, name) ? classes[name] : undefined;
  const error: Error = Object.create((known ?? Error).prototype);
  // Defined, not assigned, so that a field named `__proto__` is an ordinary field.
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

/** Checks that a value is an error's copy. Anything else becomes "An error that cannot be read". */
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
    cause: cause === undefined || depth >= maxCauses ? undefined : asErrorCopy(cause, depth + 1),
    errors: Array.isArray(errors) && depth < maxCauses
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

// A field that cannot be sent is left out.
function packField(key: string, value: unknown): [string, unknown][] {
  try {
    return [[key, pack(value)]];
  } catch {
    return [];
  }
}

// The fields with which Node's errors say what happened.
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
