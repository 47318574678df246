import { HeaderTable } from "../../amqp/header_table.ts";
import { decode } from "../../core/body/codec.ts";
import type { Caller, CallOptions, SendOptions } from "../../core/api/context.ts";
import { asErrorCopy, reviveError } from "../wire/error_copy.ts";
import { ArgumentError } from "../../core/api/errors.ts";
import { outgoingBody, type SaidOfBody } from "../../core/body/outgoing_body.ts";
import { pack } from "../wire/packed.ts";
import { type AskHead, fromHost } from "../wire/messages.ts";
import type { Frame } from "../wire/frame.ts";
import type { FramePipe } from "../wire/pipe.ts";
import { headersHere } from "./span.ts";

type Question = Omit<AskHead, "options"> & { readonly options?: SendOptions | CallOptions };

/** Sends what handlers ask for to the runtime: a function's process cannot talk to the broker itself. */
export class Asks {
  readonly #pipe: FramePipe;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #next = 0;

  constructor(pipe: FramePipe) {
    this.#pipe = pipe;
  }

  /** The caller of one run. */
  callerOf(run: number): Caller {
    const send = (queue: string, body: unknown, options?: SendOptions) =>
      this.#ask({ run, op: "send", to: [queue], options } as Question, body);
    return {
      send: send as Caller["send"],
      publish: async (exchange, routingKey, body, options) => {
        await this.#ask({ run, op: "publish", to: [exchange, routingKey], options } as Question, body);
      },
      call: async <Output>(name: string, input?: unknown, { signal, ...options }: CallOptions = {}) =>
        await this.#ask(
          { run, op: "call", to: [name], options } as Question,
          input ?? null,
          signal,
        ) as Output,
      cancel: async (id) => await this.#ask({ run, op: "cancel", to: [id] } as Question, null) as boolean,
    };
  }

  /** The runtime has answered a question. */
  answered({ id, head, body }: Frame): void {
    const { contentType, error } = (head ?? {}) as { contentType?: string; error?: unknown };
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error !== undefined) return waiting?.reject(reviveError(asErrorCopy(error)));
    if (contentType === undefined) return waiting?.resolve(undefined);
    const decoded = decode(body, contentType);
    waiting?.resolve(decoded.ok ? decoded.value : body);
  }

  async #ask({ options, ...head }: Question, value: unknown, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    const said = (options ?? {}) as SaidOfBody;
    const { body, contentType } = await outgoingBody(value, "body", said);
    signal?.throwIfAborted();
    const id = ++this.#next;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    const onAbort = () => {
      this.#waiting.delete(id);
      this.#pipe.send(fromHost.forget, id);
      waiting.reject(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort);
    try {
      this.#pipe.send(fromHost.ask, id, { ...head, contentType, options: pack(packable(options)) }, body);
      return await waiting.promise;
    } finally {
      this.#waiting.delete(id);
      signal?.removeEventListener("abort", onAbort);
    }
  }
}

/** The options, with their headers and those of the span encoded as the bytes of a table. */
function packable({ headers: given, ...others }: SendOptions | CallOptions = {}): object {
  const headers = withSpan(given);
  if (headers === undefined) return others;
  return { ...others, headers: HeaderTable.of(headers, (message) => new ArgumentError(message)).bytes };
}

function withSpan(given: SendOptions["headers"]): SendOptions["headers"] {
  const here = headersHere();
  const isKept = here === undefined || given !== undefined && (typeof given !== "object" || given === null);
  return isKept ? given : { ...here, ...given };
}
