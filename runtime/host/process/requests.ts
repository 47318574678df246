import { Buffer } from "node:buffer";
import { HeaderTable } from "../../amqp/header_table.ts";
import { encode } from "../../core/body/codec.ts";
import type { Caller } from "../../core/api/context.ts";
import { copyError } from "../wire/error_copy.ts";
import { ArgumentError, HopperError } from "../../core/api/errors.ts";
import { unpack } from "../wire/packed.ts";
import type { Frame } from "../wire/frame.ts";
import { toHost } from "../wire/messages.ts";

/** How many requests of one process may be in progress, and how many bytes their bodies may have (a single one may have more). */
const max = { asks: 1000, bytes: 32 * 1024 * 1024 };

// Made once and without a stack, because it may be sent very often.
const { stack: _stack, ...tooMany } = copyError(
  new HopperError(
    "TOO_MANY_ASKS",
    `${max.asks} messages and calls, or ${max.bytes} bytes of them, are in progress in this function already; ` +
      "await some of them first",
  ),
);

type Send = (kind: number, id: number, head?: unknown, body?: Uint8Array) => void;

/** Does what the handlers in one process ask for, and answers. */
export class AnsweredAsks {
  readonly #callerOf: (run: number) => Caller;
  readonly #send: Send;
  readonly #calls = new Map<number, AbortController>();
  // Counted separately, because a process may use the same number twice.
  #underWay = 0;
  #bytes = 0;

  /** `callerOf` gives the caller of a run, by its number. */
  constructor(callerOf: (run: number) => Caller, send: Send) {
    this.#callerOf = callerOf;
    this.#send = send;
  }

  /** A handler asks for something. */
  async take({ id, head, body }: Frame): Promise<void> {
    const isAlone = this.#underWay === 0;
    if (this.#underWay >= max.asks || !isAlone && this.#bytes + body.length > max.bytes) {
      return this.#send(toHost.answer, id, { error: tooMany });
    }
    const controller = new AbortController();
    this.#calls.set(id, controller);
    this.#underWay++;
    this.#bytes += body.length;
    try {
      const answer = await this.#do((head ?? {}) as Record<string, unknown>, body, controller.signal);
      if (answer === undefined) this.#send(toHost.answer, id, {});
      else this.#send(toHost.answer, id, { contentType: answer.contentType }, answer.body);
    } catch (error) {
      this.#send(toHost.answer, id, { error: copyError(error) });
    } finally {
      this.#calls.delete(id);
      this.#underWay--;
      this.#bytes -= body.length;
    }
  }

  /** A handler waits no longer. */
  forget(id: number): void {
    this.#calls.get(id)?.abort();
  }

  /** The process is gone, so all requests end. */
  close(): void {
    for (const controller of this.#calls.values()) controller.abort();
  }

  async #do(head: Record<string, unknown>, body: Uint8Array, signal: AbortSignal) {
    const { run, op, to } = head;
    // Unknown options are refused by `send`, `publish` and `call` themselves.
    const options = { ...Object(unpack(head.options)), contentType: head.contentType };
    if (options.headers !== undefined) options.headers = readHeaders(options.headers);
    const [first, second] = to as [string, string];
    const { send, publish, call, cancel } = this.#callerOf(run as number);
    switch (op) {
      case "send": {
        const id: unknown = await send(first, body, options);
        return id === undefined ? undefined : encode(id);
      }
      case "publish":
        return await publish(first, second, body, options);
      case "call":
        return encode(await call(first, body, { ...options, signal }));
      case "cancel":
        return encode(await cancel(first));
    }
    throw new HopperError(
      "UNKNOWN_ASK",
      "The function's process asked for something that the runtime does not know",
    );
  }
}

/** The headers that a process sent, checked: it could have sent anything. */
function readHeaders(bytes: unknown): HeaderTable {
  if (!(bytes instanceof Uint8Array)) throw new ArgumentError("The headers are not a table");
  const table = new HeaderTable(Buffer.from(bytes));
  if (table.unreadable !== undefined) {
    throw new ArgumentError(`The headers cannot be read: ${table.unreadable}`);
  }
  HeaderTable.of(table.values, (message) => new ArgumentError(message));
  return table;
}
