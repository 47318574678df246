import { v7 } from "uuid";
import { decodeBody } from "../core/body/codec.ts";
import type { CallOptions } from "../core/api/context.ts";
import { toMilliseconds } from "../core/api/duration.ts";
import { HopperError } from "../core/api/errors.ts";
import type { Outgoing } from "../core/ports/amqp.ts";
import {
  BrokerBlocked,
  CallTimeout,
  ConnectionLost,
  MessageTooLarge,
  NoSuchFunction,
  PublishFailed,
} from "../core/ports/amqp_errors.ts";
import { fromProblem, problemContentType } from "../core/api/problem.ts";
import type { ChannelClose } from "../link/broker_error.ts";
import type { CallChannel, CallListener, Reply } from "../link/call_channel.ts";
import type { AmqpConnection } from "../link/connection.ts";
import { isDirectReply } from "../link/reply_address.ts";
import { sizeLimitIn } from "../link/size_limit.ts";
import type { Supervisor } from "../link/supervisor.ts";
import { outgoing } from "./encode.ts";
import { requireCallOptions } from "./options.ts";
import { sendableHeaders } from "./sendable.ts";
import type { ServedRpcs } from "./served.ts";

const defaultTimeout = "30s";

/** How many calls may wait for a connection or a reply at the same time. One more is refused. */
const maxUnderWay = 10_000;

const maxReply = { bytes: 128 * 1024 * 1024 };

interface Pending {
  readonly name: string;
  /** Bytes of the request's body. */
  readonly size: number;
  readonly channel: Promise<CallChannel>;
  settle(outcome: { readonly reply: Reply } | { readonly error: unknown }): void;
}

interface OpenedChannel {
  readonly connection: AmqpConnection;
  readonly opened: Promise<CallChannel>;
  ended: boolean;
}

/** Calls RPCs on one channel of a supervised connection. A lost channel is opened again. */
export class Calls {
  readonly #link: Supervisor;
  readonly #served: ServedRpcs;
  readonly #pending = new Map<string, Pending>();
  #channel: OpenedChannel | undefined;
  #underWay = 0;

  /** `served` notices calls that nobody consumes. */
  constructor(link: Supervisor, served: ServedRpcs) {
    this.#link = link;
    this.#served = served;
  }

  /** The reply, decoded. Rejects if it is an error. */
  async call(name: string, input: unknown, options: CallOptions): Promise<unknown> {
    return await readReply(name, await this.request(name, input, options));
  }

  /** The reply as it came, which may be an error. */
  async request(name: string, input: unknown, options: CallOptions): Promise<Reply> {
    // RabbitMQ closes the whole connection, with everything in flight on it, for some names of this form.
    if (typeof name === "string" && isDirectReply(name)) throw new NoSuchFunction(name);
    const ms = toMilliseconds(options.timeout ?? defaultTimeout, "timeout");
    const correlationId = v7();
    requireCallOptions(options);
    const message = await outgoing("", name, input ?? null, {
      contentType: options.contentType,
      headers: sendableHeaders(options.headers).with({ "x-hopper-timeout": ms }),
      messageId: correlationId,
      correlationId,
      expiration: ms,
      persistent: false,
    });
    if (this.#underWay >= maxUnderWay) {
      throw new HopperError(
        "TOO_MANY_CALLS",
        `${maxUnderWay} calls are waiting for replies already; await some of them first`,
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const deadline = new AbortController();
    const settle: Pending["settle"] = (outcome) =>
      "reply" in outcome ? resolve(outcome.reply) : reject(outcome.error);
    const timer = setTimeout(() => settle({ error: new CallTimeout(name, ms) }), ms);
    const onAbort = () => settle({ error: options.signal?.reason });
    options.signal?.addEventListener("abort", onAbort);
    const unwatch = this.#served.watch(name, () => settle({ error: new NoSuchFunction(name, "waits") }));
    this.#underWay++;
    try {
      if (options.signal?.aborted) throw options.signal.reason;
      this.#send(name, message, correlationId, settle, deadline.signal).catch((error) => settle({ error }));
      return await promise;
    } finally {
      this.#underWay--;
      this.#pending.delete(correlationId);
      clearTimeout(timer);
      unwatch();
      options.signal?.removeEventListener("abort", onAbort);
      deadline.abort();
    }
  }

  /** Closes the channel. Calls that still wait for a reply reject with `ConnectionLost`. */
  async close(): Promise<void> {
    const channel = await this.#channel?.opened.catch(() => undefined);
    await channel?.close();
  }

  async #send(
    name: string,
    message: Outgoing,
    correlationId: string,
    settle: Pending["settle"],
    signal: AbortSignal,
  ): Promise<void> {
    const began = performance.now();
    const late = this.#link.current === undefined;
    const connection = await this.#link.connection(signal);
    if (connection.blocked !== undefined) throw new BrokerBlocked(connection.blocked);
    const { sizes } = this.#link;
    const { length: size } = message.body;
    if (sizes.forbids(size)) throw new MessageTooLarge("", name, size, sizes.known!);
    if (signal.aborted) return;
    const opened = sizes.mayForbid(size) ? this.#openApart(connection, signal) : this.#open(connection);
    this.#pending.set(correlationId, { name, size, channel: opened, settle });
    const channel = await opened.catch((error) => {
      throw new ConnectionLost(`calling rpc '${name}'`, error);
    });
    if (!this.#pending.has(correlationId)) return;
    channel.request(late ? sentLate(message, performance.now() - began) : message);
  }

  /** Opens a channel for one request only, because the broker may close the channel over it. */
  #openApart(connection: AmqpConnection, end: AbortSignal): Promise<CallChannel> {
    const opened = this.#openChannel(connection).opened;
    end.addEventListener("abort", () => opened.then((channel) => channel.close(), () => {}), { once: true });
    return opened;
  }

  #open(connection: AmqpConnection): Promise<CallChannel> {
    if (this.#channel && !this.#channel.ended && this.#channel.connection === connection) {
      return this.#channel.opened;
    }
    this.#channel = this.#openChannel(connection);
    return this.#channel.opened;
  }

  #openChannel(connection: AmqpConnection): OpenedChannel {
    const state: OpenedChannel = {
      connection,
      opened: connection.openCallChannel(this.#listener(() => state)),
      ended: false,
    };
    state.opened.catch(() => state.ended = true);
    return state;
  }

  #listener(state: () => OpenedChannel): CallListener {
    return {
      onReply: (correlationId, reply) => {
        const pending = this.#pending.get(correlationId);
        if (pending === undefined) return;
        this.#link.sizes.took(pending.size);
        pending.settle({ reply });
      },
      onReturn: (correlationId) => {
        const pending = this.#pending.get(correlationId);
        pending?.settle({ error: new NoSuchFunction(pending.name) });
      },
      onEnd: (end) => {
        state().ended = true;
        this.#link.sizes.learn(end.reason);
        for (const pending of [...this.#pending.values()]) {
          if (pending.channel !== state().opened) continue;
          pending.settle({ error: ended(pending, end) });
        }
      },
    };
  }
}

/** The request with a shorter timeout, because its caller already waited `waited` milliseconds for a connection. */
function sentLate(request: Outgoing, waited: number): Outgoing {
  const { expiration = 0, headers } = request.properties;
  const left = Math.max(1, Math.ceil(expiration - waited));
  const properties = {
    ...request.properties,
    expiration: left,
    headers: headers?.with({ "x-hopper-timeout": left }),
  };
  return { ...request, properties };
}

function ended({ name, size }: Pending, { by, reason }: ChannelClose): Error {
  if (by === "link") return new ConnectionLost(`calling rpc '${name}': ${reason}`);
  const limit = sizeLimitIn(reason);
  if (limit !== undefined && size > limit) return new MessageTooLarge("", name, size, limit);
  const why = `the broker closed the channel because of this call or another one on it: ${reason}`;
  return new PublishFailed("", name, why, true);
}

async function readReply(name: string, { body, properties }: Reply): Promise<unknown> {
  const { type, contentType, contentEncoding } = properties;
  const isProblem = type === "error" || contentType === problemContentType;
  const decoded = await decodeBody({ body, contentType, contentEncoding }, maxReply);
  if (isProblem) throw fromProblem(decoded.ok ? decoded.value : decoded.reason);
  if (decoded.ok) return decoded.value;
  throw new HopperError("BAD_REPLY", `The reply of rpc '${name}' cannot be read: ${decoded.reason}`);
}
