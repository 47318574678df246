import { Buffer } from "node:buffer";
import { HeaderTable } from "../../amqp/header_table.ts";
import { encode } from "../../core/body/codec.ts";
import type { Caller } from "../../core/api/context.ts";
import { copyError } from "../wire/error_copy.ts";
import { ArgumentError, HopperError } from "../../core/api/errors.ts";
import { unpack } from "../wire/packed.ts";
import type { Frame } from "../wire/frame.ts";
import { toHost } from "../wire/messages.ts";

/** Questions of one process that may be under way, and bytes of their bodies unless it is one alone. */
const most = { asks: 1000, bytes: 32 * 1024 * 1024 };

// Without the place where it is made, which says nothing: it may be sent very often.
const { stack: _stack, ...tooMany } = copyError(
  new HopperError(
    "TOO_MANY_ASKS",
    `${most.asks} messages and calls, or ${most.bytes} bytes of them, are under way in this function already; ` +
      "await some of them first",
  ),
);

type Send = (kind: number, id: number, head?: unknown, body?: Uint8Array) => void;

/** Does what the handlers of one process ask for, and answers. */
export class AnsweredAsks {
  readonly #caller: Caller;
  readonly #send: Send;
  readonly #calls = new Map<number, AbortController>();
  // Not the size of the map: a process may number its questions as it likes.
  #underWay = 0;
  #bytes = 0;

  constructor(caller: Caller, send: Send) {
    this.#caller = caller;
    this.#send = send;
  }

  /** A handler asks. */
  async take({ id, head, body }: Frame): Promise<void> {
    const isAlone = this.#underWay === 0;
    if (this.#underWay >= most.asks || !isAlone && this.#bytes + body.length > most.bytes) {
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

  /** Nobody is left to be answered. */
  close(): void {
    for (const controller of this.#calls.values()) controller.abort();
  }

  async #do(head: Record<string, unknown>, body: Uint8Array, signal: AbortSignal) {
    const { op, to } = head;
    // Whoever sends refuses options that there are not.
    const options = { ...Object(unpack(head.options)), contentType: head.contentType };
    if (options.headers !== undefined) options.headers = readHeaders(options.headers);
    const [first, second] = to as [string, string];
    const { send, publish, call } = this.#caller;
    switch (op) {
      case "send":
        return await send(first, body, options);
      case "publish":
        return await publish(first, second, body, options);
      case "call":
        return encode(await call(first, body, { ...options, signal }));
    }
    throw new HopperError("UNKNOWN_ASK", "The runtime does not know what was asked");
  }
}

/** The headers that a process sends, once it is known that they are some: it could have written anything. */
function readHeaders(bytes: unknown): HeaderTable {
  if (!(bytes instanceof Uint8Array)) throw new ArgumentError("The headers are no table");
  const table = new HeaderTable(Buffer.from(bytes));
  if (table.unreadable !== undefined) {
    throw new ArgumentError(`The headers cannot be read: ${table.unreadable}`);
  }
  HeaderTable.of(table.values, (message) => new ArgumentError(message));
  return table;
}
