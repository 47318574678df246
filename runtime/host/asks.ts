import { decode, encode } from "../core/codec.ts";
import type { Caller, CallOptions, SendOptions } from "../core/context.ts";
import { copyError } from "../core/error_copy.ts";
import { HopperError } from "../core/errors.ts";
import { unpack } from "../core/packed.ts";
import type { Frame } from "./wire/frame.ts";
import { toHost } from "./wire/messages.ts";

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
    const contentType = head.contentType as string;
    const options = { contentType, ...known(unpack(head.options)) };
    const [first, second] = to as [string, string];
    const { send, publish, call } = this.#caller;
    switch (op) {
      case "send":
        return await send(first, body, options);
      case "publish":
        return await publish(first, second, body, options);
      case "call": {
        const decoded = decode(body, contentType);
        return encode(await call(first, decoded.ok ? decoded.value : body, { ...options, signal }));
      }
    }
    throw new HopperError("UNKNOWN_ASK", "The runtime does not know what was asked");
  }
}

/**
 * The options that there are. Others would reach the broker as well, which closes the function's channel for some of
 * them.
 */
function known(options: unknown): SendOptions & CallOptions {
  const given = Object.entries(Object(options)).filter(([name]) => optionNames.has(name));
  return Object.fromEntries(given);
}

const optionNames = new Set<string>(
  [
    "headers",
    "messageId",
    "correlationId",
    "contentType",
    "priority",
    "expiration",
    "persistent",
    "mandatory",
    "timeout",
  ] satisfies (keyof SendOptions | keyof CallOptions)[],
);
