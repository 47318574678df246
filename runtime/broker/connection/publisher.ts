import type { Buffer } from "node:buffer";
import { AmqpError, exchangeNamed } from "../errors.ts";
import { routable } from "../exchange/routable.ts";
import { route } from "../exchange/route.ts";
import { BASIC_CLASS, Method } from "../../amqp/method.ts";
import { checkFields } from "../protocol/layout.ts";
import { type Content, writeContent } from "../protocol/content.ts";
import { Reader } from "../../amqp/reader.ts";
import { Message, originOf } from "../queue/message.ts";
import type { Queue } from "../queue/queue.ts";
import { findExchange } from "../vhost/exchanges.ts";
import type { Route } from "../vhost/route_cache.ts";
import type { ChannelHost } from "./channel_host.ts";
import type { ChannelMode } from "./channel_mode.ts";
import type { Confirms } from "./confirms.ts";
import { Assembly } from "./assembly.ts";
import { IncomingProperties } from "./incoming_properties.ts";
import { isReplyAddress, type ReplyAddress } from "./reply_address.ts";

/** What publishing needs of its channel. */
interface PublishingChannel {
  readonly id: number;
  readonly connection: ChannelHost;
  readonly mode: ChannelMode;
  readonly replies: ReplyAddress;
  fail(error: AmqpError, method: number): void;
}

/** A basic.publish. It is kept, as the next one is most often the same. */
interface Publication {
  /** The method's fields as they came. */
  readonly bytes: Uint8Array;
  readonly exchange: string;
  readonly key: string;
  readonly mandatory: boolean;
  route: Route;
  generation: number;
}

/** Which frame has to come next. */
type Expected = "method" | "header" | "body";

/** Puts the publishes of a channel together from their frames, and routes them. */
export class Publisher {
  #expected: Expected = "method";
  readonly #assembly: Assembly;
  readonly #properties: IncomingProperties;
  #publication: Publication | undefined;

  constructor(readonly channel: PublishingChannel) {
    const { slab, vhost, session } = channel.connection;
    this.#assembly = new Assembly(
      slab,
      vhost.memory.parts,
      (reason) => channel.fail(reason, Method.BasicPublish),
    );
    this.#properties = new IncomingProperties(session.user, channel.replies);
  }

  /** Which frame has to come next. */
  get expected(): Expected {
    return this.#expected;
  }

  /** The fields of a basic.publish, from `at` to `end`. */
  begin(bytes: Buffer, at: number, end: number): void {
    this.#expected = "header";
    const { routes } = this.channel.connection.vhost;
    const last = this.#publication;
    if (last && last.generation === routes.generation && isSame(last.bytes, bytes, at, end)) return;
    checkFields(Method.BasicPublish, bytes, at, end);
    const reader = new Reader(bytes, at + 2, end);
    const exchange = reader.shortString();
    const key = reader.shortString();
    const flags = reader.octet();
    if (flags & 2) throw new AmqpError("not_implemented", "immediate=true");
    this.#publication = {
      bytes: Uint8Array.prototype.slice.call(bytes, at, end),
      exchange,
      key,
      mandatory: (flags & 1) === 1,
      route: this.#find(exchange, key),
      generation: routes.generation,
    };
  }

  header(bytes: Buffer, at: number, size: number): void {
    const reader = new Reader(bytes, at, at + size);
    const classId = reader.short();
    if (classId !== BASIC_CLASS) {
      throw unexpected(
        `expected content header for class ${BASIC_CLASS}, got one for class ${classId} instead`,
      );
    }
    if (reader.short() !== 0) throw unexpected(noHeader);
    const bodySize = reader.longlong();
    const { bodySize: limit } = this.channel.connection.limits;
    if (bodySize > limit) {
      const { maxBodySize } = this.channel.connection.vhost.profile;
      const which = limit === maxBodySize ? "max" : "configured max";
      throw new AmqpError(
        "precondition_failed",
        `message size ${bodySize} is larger than ${which} size ${limit}`,
      );
    }
    this.#properties.read(bytes, reader.at, reader.left);
    this.#expected = "body";
    this.#assembly.begin(bodySize);
    if (bodySize === 0) this.body(bytes, at, 0);
  }

  body(bytes: Buffer, at: number, size: number): void {
    if (this.#assembly.add(this.#properties.bytes, bytes, at, size)) this.#complete();
  }

  /** The channel ends in the middle of a message. */
  abandon(): void {
    this.#expected = "method";
    this.#assembly.clear();
  }

  #find(exchange: string, key: string): Route {
    const { vhost } = this.channel.connection;
    const found = findExchange(vhost, exchange);
    if (found.internal) {
      throw new AmqpError("access_refused", `cannot publish to internal ${exchangeNamed(exchange)}`);
    }
    return vhost.routes.find(found, key);
  }

  #complete(): void {
    this.#expected = "method";
    const { vhost } = this.channel.connection;
    const publication = this.#publication!;
    if (publication.generation !== vhost.routes.generation) {
      publication.route = this.#find(publication.exchange, publication.key);
      publication.generation = vhost.routes.generation;
    }
    const { message, queues } = this.#address(publication.route);
    this.#assembly.clear();
    const { mandatory } = publication;
    const { mode } = this.channel;
    if (mode.kind === "confirm") return this.#confirm(message, queues, mandatory, mode.confirms);
    if (mode.kind === "plain") return void this.#deliver(message, queues, mandatory);
    mode.transaction.publish(message, this.#atCommit(message, queues, mandatory));
  }

  /** What a commit does with a message. It returns the commit's error where a queue of the message is gone since. */
  #atCommit(message: Message, queues: readonly Queue[], mandatory: boolean): () => AmqpError | undefined {
    const { vhost } = this.channel.connection;
    if (vhost.profile.transactionQueues === "at publish") {
      return () => {
        const lost = queues.find(({ name }) => !vhost.queues.has(name));
        if (lost) return undeliverable(lost.name);
        const left = queues.filter((queue) => vhost.queues.get(queue.name) === queue);
        const isWhole = left.length === queues.length;
        if (isWhole || left.length > 0) this.#deliver(message, left, mandatory);
        return isWhole ? undefined : new AmqpError("precondition_failed", "partial tx completion");
      };
    }
    const names = namesOf(message, queues);
    return () => {
      this.#deliver(message, names.flatMap((name) => vhost.queues.get(name) ?? []), mandatory);
      return undefined;
    };
  }

  #address({ exchange, origin, queues }: Route): { message: Message; queues: readonly Queue[] } {
    const { copies, traits } = this.#properties;
    const { data, start, propertiesSize, size } = this.#assembly;
    const from = copies.length === 0 ? origin : originOf(origin.exchange, origin.key, copies);
    const message = new Message(from, traits!, data, start, propertiesSize, size);
    if (queues && copies.length === 0) return { message, queues };
    const { exchanges } = this.channel.connection.vhost;
    return { message, queues: route(exchange, routable(message), exchanges) };
  }

  #confirm(message: Message, queues: readonly Queue[], mandatory: boolean, confirms: Confirms): void {
    const { store } = this.channel.connection.vhost;
    const sequence = confirms.next();
    const isAccepted = this.#deliver(message, queues, mandatory);
    if (queues.length === 0) return confirms.unroutable(sequence);
    if (!isAccepted) return confirms.refused(sequence);
    const mustWait = message.traits.persistent && store.pending && queues.some(({ durable }) => durable);
    if (mustWait) confirms.waitFor(store, sequence);
    else confirms.taken();
  }

  /** False: one of the queues refused the message. */
  #deliver(message: Message, queues: readonly Queue[], mandatory: boolean): boolean {
    const isAccepted = this.channel.connection.vhost.publish(message, queues);
    if (queues.length === 0) this.#unroutable(message, mandatory);
    return isAccepted;
  }

  /** On the default exchange a key may be a reply address, which is no queue. */
  #unroutable(message: Message, mandatory: boolean): void {
    const { exchange, keys } = message.origin;
    const { replies, profile } = this.channel.connection.vhost;
    const addresses = exchange === "" ? keys.filter(isReplyAddress) : [];
    for (const address of addresses) replies.get(address)?.reply(message);
    if (mandatory && !(profile.replies.areRouted && addresses.length > 0)) this.#return(message);
  }

  #return(message: Message): void {
    const { connection, id } = this.channel;
    connection.out.method(id, Method.BasicReturn).short(312).shortString("NO_ROUTE")
      .raw(message.origin.envelope).end();
    writeContent(connection.out, id, message as Content, connection.session.frameMax);
  }
}

export const noHeader =
  `expected content header for class ${BASIC_CLASS}, got non content header frame instead`;

export function unexpected(text: string, method: number = Method.BasicPublish): AmqpError {
  return new AmqpError("unexpected_frame", text, method);
}

/** Where a message of a transaction goes, when bindings count at the publish, and names of queues at the commit. */
function namesOf({ origin }: Message, queues: readonly Queue[]): readonly string[] {
  return origin.exchange === "" ? [...new Set(origin.keys)] : queues.map(({ name }) => name);
}

function undeliverable(queue: string): AmqpError {
  const what = `{not_found,{resource,<<"/">>,queue,<<"${queue}">>}}`;
  return new AmqpError("resource_error", `failed to deliver message: ${what}`);
}

function isSame(known: Uint8Array, bytes: Uint8Array, at: number, end: number): boolean {
  if (known.length !== end - at) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[at + i]) return false;
  return true;
}
