import { shown } from "../text/shown.ts";

/** Every error Hopper raises on purpose: `code` is what a program branches on, `message` is for people. */
export class HopperError extends Error {
  /** What kind of error this is. */
  readonly code: string;

  /** An error of the kind `code`. */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** An argument that cannot be used; the message says what was given and what is expected. */
export class ArgumentError extends TypeError {
  /** `message` is for people. */
  constructor(message: string) {
    super(message);
    this.name = "ArgumentError";
  }
}

/**
 * Thrown by a handler: this message can never be handled, dead-letter it now.
 *
 * @example
 * ```ts
 * import { queue, Reject } from "hopper";
 *
 * export default queue("orders", (order: { items: string[] }) => {
 *   if (order.items.length === 0) throw new Reject("An order needs at least one item");
 * });
 * ```
 */
export class Reject extends HopperError {
  /** `reason` is kept in the dead letter's `x-hopper-error` header. */
  constructor(reason: string, options?: ErrorOptions) {
    super("REJECT", reason, options);
  }
}

/**
 * Thrown by a handler: run this message again, later.
 *
 * @example
 * ```ts
 * import { queue, Retry } from "hopper";
 *
 * export default queue("mails", async (mail: { to: string }) => {
 *   const reply = await fetch("https://mail.example/send", { method: "POST", body: JSON.stringify(mail) });
 *   if (reply.status === 429) throw new Retry({ after: "10s" });
 * });
 * ```
 */
export class Retry extends HopperError {
  /** How long to wait; without it the next delay of the function's `retry` setting. */
  readonly after: number | string | undefined;

  /** `after` is a duration such as `"10s"` or milliseconds; `reason` is for the log and the dead letter. */
  constructor(options: { after?: number | string; reason?: string; cause?: unknown } = {}) {
    super("RETRY", options.reason ?? "The handler asked for a retry", { cause: options.cause });
    this.after = options.after;
  }
}

/**
 * Thrown by an RPC's handler: the caller gets this code, message and data as a typed error. The same class is
 * what `call` rejects with when the other side replied with an error.
 *
 * @example
 * ```ts
 * import { rpc, RpcError } from "hopper";
 *
 * const stock: Record<string, number> = { bolt: 12 };
 *
 * export default rpc("stock.of", (item: string) => {
 *   const count = stock[item];
 *   if (count === undefined) throw new RpcError("NO_SUCH_ITEM", { detail: `No item '${item}'`, data: { item } });
 *   return count;
 * });
 * ```
 */
export class RpcError extends HopperError {
  /** What the handler wants the caller to know, as JSON. */
  readonly data: unknown;
  /** The HTTP status that fits best; 500 unless said otherwise. */
  readonly status: number;
  /** What does not fit the function's schema, if that is the reason. */
  readonly issues: readonly unknown[] | undefined;

  /** `code` names the kind of error in capitals, as `ORDER_NOT_FOUND`. */
  constructor(
    code: string,
    options: {
      detail?: string;
      data?: unknown;
      status?: number;
      issues?: readonly unknown[];
      cause?: unknown;
    } = {},
  ) {
    super(code, options.detail ?? code, { cause: options.cause });
    this.data = options.data;
    this.status = options.status ?? 500;
    this.issues = options.issues;
  }
}

// An error that another copy of Hopper made is one as well: a function may have loaded one of its own.
for (const known of [HopperError, Reject, Retry, RpcError]) {
  const mark = Symbol.for(`hopper.${known.name}`);
  Object.defineProperty(known.prototype, mark, { value: true });
  Object.defineProperty(known, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      const isMarked = typeof value === "object" && value !== null && mark in value;
      return this === known ? isMarked : Function.prototype[Symbol.hasInstance].call(this, value);
    },
  });
}

// An error may be its own cause, or have hundreds.
const maxCauses = 5;

/**
 * `TypeError: fetch failed; caused by Error: … Connection refused`, for headers and log lines, whatever was thrown:
 * what a library says first often is no more than that something went wrong.
 */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  const add = (one: unknown): void => {
    const part = headline(one).trim();
    if (parts.length <= maxCauses && !parts.some((said) => said.includes(bare(part)))) parts.push(part);
  };
  try {
    add(error);
    for (let one: unknown = error, depth = 0; depth < maxCauses && one instanceof Error; depth++) {
      if (saysItAll(one)) break;
      if ("errors" in one && Array.isArray(one.errors)) one.errors.slice(0, maxCauses).forEach(add);
      one = one.cause;
      if (one !== undefined) add(one);
    }
  } catch {
    // What was thrown may throw when it is looked at.
  }
  return parts.join("; caused by ");
}

// The runtime's own errors are sentences that need no cause beside them; handlers throw these three.
function saysItAll(error: Error): boolean {
  const isThrownByHandlers = error instanceof Reject || error instanceof Retry || error instanceof RpcError;
  return error instanceof HopperError && !isThrownByHandlers;
}

// Whoever wraps an error often repeats its message, without its name.
function bare(part: string): string {
  return part.replace(/^[\w$]*Error: /, "") || part;
}

/** `TypeError: x is not a function`, without what caused it. */
export function headline(error: unknown): string {
  try {
    if (error instanceof Error) return `${error.name}: ${error.message}`;
  } catch {
    return "An error that cannot be read";
  }
  return typeof error === "string" ? error : shown(error, 1000);
}
