import { decode, encode } from "../core/codec.ts";
import type { Caller } from "../core/context.ts";
import { copyError } from "../core/error_copy.ts";
import { HopperError } from "../core/errors.ts";
import { unpack } from "../core/packed.ts";
import type { Frame } from "./wire/frame.ts";
import { toHost } from "./wire/messages.ts";

/** Questions of one process that may be under way; one more is refused. */
const mostAsks = 1000;

type Send = (kind: number, id: number, head?: unknown, body?: Uint8Array) => void;

/** Does what the handlers of one process ask for, and answers. */
export class AnsweredAsks {
  readonly #caller: Caller;
  readonly #send: Send;
  readonly #calls = new Map<number, AbortController>();

  constructor(caller: Caller, send: Send) {
    this.#caller = caller;
    this.#send = send;
  }

  /** A handler asks. */
  async take({ id, head, body }: Frame): Promise<void> {
    if (this.#calls.size >= mostAsks) {
      const error = new HopperError(
        "TOO_MANY_ASKS",
        `${mostAsks} messages and calls of this function are under way already; await some of them first`,
      );
      return this.#send(toHost.answer, id, { error: copyError(error) });
    }
    const controller = new AbortController();
    this.#calls.set(id, controller);
    try {
      const answer = await this.#do((head ?? {}) as Record<string, unknown>, body, controller.signal);
      if (answer === undefined) this.#send(toHost.answer, id, {});
      else this.#send(toHost.answer, id, { contentType: answer.contentType }, answer.body);
    } catch (error) {
      this.#send(toHost.answer, id, { error: copyError(error) });
    } finally {
      this.#calls.delete(id);
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
    const { op, to, contentType } = head;
    const options = unpack(head.options) as Record<string, never>;
    const [first, second] = to as [string, string];
    const { send, publish, call } = this.#caller;
    switch (op) {
      case "send":
        return await send(first, body, { contentType: contentType as string, ...options });
      case "publish":
        return await publish(first, second, body, { contentType: contentType as string, ...options });
      case "call": {
        const decoded = decode(body, contentType as string);
        return encode(await call(first, decoded.ok ? decoded.value : body, { ...options, signal }));
      }
    }
    throw new HopperError("UNKNOWN_ASK", "The runtime does not know what was asked");
  }
}
