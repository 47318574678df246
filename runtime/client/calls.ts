import { HeaderTable } from "../amqp/header_table.ts";
import { decodeBody } from "../core/body/codec.ts";
import type { CallOptions } from "../core/api/context.ts";
import { maxWait, toMilliseconds } from "../core/api/duration.ts";
import { HopperError } from "../core/api/errors.ts";
import { Deadlines } from "../core/deadlines.ts";
import { newMessageId } from "../core/message_id.ts";
import type { Outgoing } from "../core/ports/amqp.ts";
import {
  BrokerBlocked,
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
import { PendingCall } from "./pending_call.ts";
import { type GivenHeaders, sendableHeaders } from "./sendable.ts";
import { lookEveryMs, type ServedRpcs, ServedWatch } from "./served.ts";

const defaultTimeoutMs = 30_000;

/** How many calls may wait for a connection or a reply at the same time. One more is refused. */
const maxUnderWay = 10_000;

const maxReply = { bytes: 128 * 1024 * 1024 };

interface OpenedChannel {
  readonly connection: AmqpConnection;
  readonly opened: Promise<CallChannel>;
  /** The same channel, once it is open. */
  channel: CallChannel | undefined;
  ended: boolean;
}

/** Calls RPCs on one channel of a supervised connection. A lost channel is opened again. */
export class Calls {
  readonly #link: Supervisor;
  readonly #served: ServedRpcs;
  /** The calls under way, by their correlation ids. */
  readonly #pending = new Map<string, PendingCall>();
  readonly #deadlines = new Deadlines(maxWait);
  readonly #looks = new Deadlines(lookEveryMs);
  #channel: OpenedChannel | undefined;
  /** The headers of the last call that was given none. */
  #plain: { readonly ms: number; readonly headers: HeaderTable } | undefined;

  /** `served` notices calls that nobody consumes. */
  constructor(link: Supervisor, served: ServedRpcs) {
    this.#link = link;
    this.#served = served;
  }

  /** The reply, decoded. Rejects if it is an error. */
  async call(name: string, input: unknown, options: CallOptions): Promise<unknown> {
    const { body, properties } = await this.request(name, input, options);
    const { type, contentType, contentEncoding } = properties;
    const isProblem = type === "error" || contentType === problemContentType;
    const decoding = decodeBody({ body, contentType, contentEncoding }, maxReply);
    const decoded = decoding instanceof Promise ? await decoding : decoding;
    if (isProblem) throw fromProblem(decoded.ok ? decoded.value : decoded.reason);
    if (decoded.ok) return decoded.value;
    throw new HopperError("BAD_REPLY", `The reply of rpc '${name}' cannot be read: ${decoded.reason}`);
  }

  /** The reply as it came, which may be an error. */
  async request(name: string, input: unknown, options: CallOptions): Promise<Reply> {
    // RabbitMQ closes the whole connection, with everything in flight on it, for some names of this form.
    if (typeof name === "string" && isDirectReply(name)) throw new NoSuchFunction(name);
    requireCallOptions(options);
    const { timeout, contentType, signal } = options;
    const ms = timeout === undefined ? defaultTimeoutMs : toMilliseconds(timeout, "timeout");
    const correlationId = newMessageId();
    const made = outgoing("", name, input ?? null, {
      contentType,
      headers: this.#headers(options.headers, ms),
      messageId: correlationId,
      correlationId,
      expiration: ms,
      persistent: false,
    });
    const message = made instanceof Promise ? await made : made;
    if (this.#pending.size >= maxUnderWay) {
      throw new HopperError(
        "TOO_MANY_CALLS",
        `${maxUnderWay} calls are waiting for replies already; await some of them first`,
      );
    }
    if (signal?.aborted) throw signal.reason;
    const call = new PendingCall(name, ms, message.body.length);
    const onAbort = () => call.fail(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    const watch = new ServedWatch(
      this.#served,
      name,
      this.#looks,
      () => call.fail(new NoSuchFunction(name, "waits")),
    );
    this.#pending.set(correlationId, call);
    const deadline = this.#deadlines.add(call, ms);
    try {
      this.#send(call, message);
      return await call.reply;
    } finally {
      this.#pending.delete(correlationId);
      this.#deadlines.delete(deadline);
      watch.end();
      signal?.removeEventListener("abort", onAbort);
      call.ended?.abort();
    }
  }

  /** Closes the channel. Calls that still wait for a reply reject with `ConnectionLost`. */
  async close(): Promise<void> {
    const channel = await this.#channel?.opened.catch(() => undefined);
    await channel?.close();
    this.#deadlines.close();
    this.#looks.close();
  }

  #headers(given: GivenHeaders, ms: number): HeaderTable {
    if (given !== undefined) return sendableHeaders(given).with({ "x-hopper-timeout": ms });
    if (this.#plain?.ms !== ms) this.#plain = { ms, headers: HeaderTable.of({ "x-hopper-timeout": ms }) };
    return this.#plain.headers;
  }

  /** Sends a request at once if it can, else when it can. */
  #send(call: PendingCall, message: Outgoing): void {
    const { current, sizes } = this.#link;
    const { channel, ended, connection, opened } = this.#channel ?? {};
    const isReady = current !== undefined && connection === current && !ended &&
      current.blocked === undefined;
    if (!isReady || channel === undefined || sizes.forbids(call.size) || sizes.mayForbid(call.size)) {
      call.ended = new AbortController();
      this.#sendLater(call, message, call.ended.signal).catch((error) => call.fail(error));
      return;
    }
    call.channel = opened;
    channel.request(message);
  }

  async #sendLater(call: PendingCall, message: Outgoing, signal: AbortSignal): Promise<void> {
    const { name, size } = call;
    const began = performance.now();
    const late = this.#link.current === undefined;
    const connection = await this.#link.connection(signal);
    if (connection.blocked !== undefined) throw new BrokerBlocked(connection.blocked);
    const { sizes } = this.#link;
    if (sizes.forbids(size)) throw new MessageTooLarge("", name, size, sizes.known!);
    if (signal.aborted) return;
    const opened = sizes.mayForbid(size) ? this.#openApart(connection, signal) : this.#open(connection);
    call.channel = opened;
    const channel = await opened.catch((error) => {
      throw new ConnectionLost(`calling rpc '${name}'`, error);
    });
    if (signal.aborted) return;
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
      channel: undefined,
      ended: false,
    };
    state.opened.then((channel) => state.channel = channel, () => state.ended = true);
    return state;
  }

  #listener(state: () => OpenedChannel): CallListener {
    return {
      onReply: (correlationId, reply) => {
        const pending = this.#pending.get(correlationId);
        if (pending === undefined) return;
        this.#link.sizes.took(pending.size);
        pending.succeed(reply);
      },
      onReturn: (correlationId) => {
        const pending = this.#pending.get(correlationId);
        pending?.fail(new NoSuchFunction(pending.name));
      },
      onEnd: (end) => {
        state().ended = true;
        this.#link.sizes.learn(end.reason);
        for (const pending of [...this.#pending.values()]) {
          if (pending.channel !== state().opened) continue;
          pending.fail(ended(pending, end));
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

function ended({ name, size }: PendingCall, { by, reason }: ChannelClose): Error {
  if (by === "link") return new ConnectionLost(`calling rpc '${name}': ${reason}`);
  const limit = sizeLimitIn(reason);
  if (limit !== undefined && size > limit) return new MessageTooLarge("", name, size, limit);
  const why = `the broker closed the channel because of this call or another one on it: ${reason}`;
  return new PublishFailed("", name, why, true);
}
