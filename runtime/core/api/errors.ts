import { shown } from "../text/shown.ts";

/** The base class of Hopper's errors. Programs should test `code`; `message` is for people and may change. */
export class HopperError extends Error {
  /** The kind of error, in capitals, such as `UNROUTABLE`. */
  readonly code: string;

  /** Makes an error of the kind `code`. */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** Thrown for an argument that cannot be used. The message says what was given and what was expected. */
export class ArgumentError extends TypeError {
  /** `message` is for people. */
  constructor(message: string) {
    super(message);
    this.name = "ArgumentError";
  }
}

/**
 * Throw it in a handler when trying again cannot help: the message becomes a dead letter at once.
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
 * Throw it in a handler to try this message again after a wait of your choice. It counts as a run.
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
  /** How long to wait. `undefined`: the next delay of the function's `retry` setting. */
  readonly after: number | string | undefined;

  /** `after` is milliseconds, or text such as `"10s"`. `reason` is shown in the log and in the dead letter. */
  constructor(options: { after?: number | string; reason?: string; cause?: unknown } = {}) {
    super("RETRY", options.reason ?? "The handler asked for a retry", { cause: options.cause });
    this.after = options.after;
  }
}

/**
 * Throw it in an RPC's handler, and the caller gets this code, message and data. `call` rejects with the same class
 * when the function replied with an error.
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
  /** More for the caller: any value that JSON can hold. */
  readonly data: unknown;
  /** The HTTP status that fits best. @default 500 */
  readonly status: number;
  /** What the function's `input` schema found wrong, if that is the reason. */
  readonly issues: readonly unknown[] | undefined;

  /** `code` is the kind of error in capitals, such as `ORDER_NOT_FOUND`; `detail` is the message for people. */
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

/** One message of a batch that failed. */
export interface BatchFailure {
  /** Its index in the handler's list, from 0. */
  readonly item: number;
  /** Why: with a `Reject` it becomes a dead letter at once, with a `Retry` it is tried again after that one's wait. */
  readonly error?: unknown;
}

/**
 * Return or throw it in a handler of batches to say which messages failed. Only those are tried again; the others are
 * handled. Returned with an empty list, it says that none failed.
 *
 * @example
 * ```ts
 * import { type BatchFailure, BatchFailed, queue } from "hopper";
 *
 * export default queue("mails", { batch: { size: 100 } }, async (mails: { to: string }[]) => {
 *   const sent = await Promise.allSettled(mails.map((mail) => fetch(`https://mail.example/${mail.to}`)));
 *   return new BatchFailed(sent.flatMap((one, item): BatchFailure[] =>
 *     one.status === "rejected" ? [{ item, error: one.reason }] : []
 *   ));
 * });
 * ```
 */
export class BatchFailed extends HopperError {
  /** The messages that failed. */
  readonly failures: readonly BatchFailure[];

  /** Throws an `ArgumentError` for anything but a list of `{ item, error }`. */
  constructor(failures: readonly BatchFailure[], options?: ErrorOptions) {
    super("BATCH_FAILED", describeFailures(failures), options);
    this.failures = failures;
  }
}

function describeFailures(failures: unknown): string {
  const form = "new BatchFailed([{ item: 3, error }])";
  if (!Array.isArray(failures)) {
    throw new ArgumentError(
      `BatchFailed needs a list of what failed, got ${shown(failures)}; write: ${form}`,
    );
  }
  for (const failure of failures) {
    const item: unknown = (failure as Partial<BatchFailure> | null)?.item;
    if (Number.isSafeInteger(item) && (item as number) >= 0) continue;
    throw new ArgumentError(
      `BatchFailed needs the index of each item that failed, a whole number from 0, got ${
        shown(failure)
      }; write: ${form}`,
    );
  }
  return failures.length === 1
    ? `Item ${failures[0].item} of the batch failed`
    : `${failures.length} items of the batch failed`;
}

// An error that another copy of Hopper made is one as well: a function may have loaded one of its own.
for (const known of [HopperError, Reject, Retry, RpcError, BatchFailed]) {
  const mark = Symbol.for(`hopper.${known.name}`);
  Object.defineProperty(known.prototype, mark, { value: true });
  Object.defineProperty(known, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      const isMarked = typeof value === "object" && value !== null && mark in value;
      return this === known ? isMarked : Function.prototype[Symbol.hasInstance].call(this, value);
    },
  });
}

// A limit, because an error may be its own cause, or have hundreds of causes.
const maxCauses = 5;

/**
 * The error and its causes as one line: `TypeError: fetch failed; caused by Error: … Connection refused`. The causes
 * matter because a library's own message often says only that something went wrong.
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
    // Reading what was thrown may throw too.
  }
  return parts.join("; caused by ");
}

// The runtime's own errors are whole sentences and need no cause. These three come from handlers.
function saysItAll(error: Error): boolean {
  const isThrownByHandlers = error instanceof Reject || error instanceof Retry || error instanceof RpcError;
  return error instanceof HopperError && !isThrownByHandlers;
}

// Code that wraps an error often repeats its message without its name.
function bare(part: string): string {
  return part.replace(/^[\w$]*Error: /, "") || part;
}

/** The stack of an error; `undefined` if it has none, or something else in its place. */
export function stackOf(error: unknown): string | undefined {
  try {
    const stack: unknown = error instanceof Error ? error.stack : undefined;
    return typeof stack === "string" ? stack : undefined;
  } catch {
    return undefined; // Reading what was thrown may throw too.
  }
}

/** Name and message, such as `TypeError: x is not a function`, without the causes. */
export function headline(error: unknown): string {
  try {
    if (error instanceof Error) return `${error.name}: ${error.message}`;
  } catch {
    return "An error that cannot be read";
  }
  return typeof error === "string" ? error : shown(error, 1000);
}
