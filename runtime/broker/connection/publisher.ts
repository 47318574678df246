import type { Buffer } from "node:buffer";
import { AmqpError, exchangeNamed, Malformed } from "../errors.ts";
import { route } from "../exchange/route.ts";
import { BASIC_CLASS, Method } from "../protocol/method.ts";
import { checkFields } from "../protocol/layout.ts";
import { writeContent } from "../protocol/content.ts";
import {
  decodeProperties,
  encodeProperties,
  headersOf,
  locate,
  type Traits,
} from "../protocol/properties.ts";
import { Reader } from "../protocol/reader.ts";
import { Message } from "../queue/message.ts";
import type { Queue } from "../queue/queue.ts";
import type { Slab } from "../queue/slab.ts";
import { findExchange } from "../vhost/exchanges.ts";
import type { Route } from "../vhost/route_cache.ts";
import type { Channel } from "./channel.ts";
import { type Addressed, addressed } from "./copies.ts";
import { REPLY_QUEUE } from "./reply_address.ts";
import { Assembly } from "./assembly.ts";

/** A basic.publish, kept because the next one is most often the same. */
interface Publication {
  /** The method's fields as they came. */
  readonly bytes: Uint8Array;
  readonly exchange: string;
  readonly key: string;
  readonly mandatory: boolean;
  route: Route;
  generation: number;
}

/** What method, header and body frames may come next. */
type Expected = "method" | "header" | "body";

/** Properties longer than this are hardly the same in the next message. */
const SAME_PROPERTIES = 128;

/** Puts a channel's publishes together from their frames and routes them. */
export class Publisher {
  expected: Expected = "method";
  readonly #slab: Slab;
  readonly #assembly: Assembly;
  #publication: Publication | undefined;
  #traits: Traits | undefined;

  constructor(readonly channel: Channel) {
    this.#slab = channel.connection.shared.slab;
    this.#assembly = new Assembly(this.#slab);
  }

  /** The fields of a basic.publish, from `at` to `end`. */
  begin(bytes: Buffer, at: number, end: number): void {
    this.expected = "header";
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
    reader.skip(2);
    const bodySize = reader.longlong();
    const { bodySize: limit } = this.channel.connection.limits;
    if (bodySize > limit) {
      throw new AmqpError("precondition_failed", `message size ${bodySize} is larger than max size ${limit}`);
    }
    this.#traits = this.#traitsOf(bytes, reader.at, reader.left);
    this.expected = "body";
    this.#assembly.start(bodySize);
    if (bodySize === 0) this.#complete();
  }

  body(bytes: Buffer, at: number, size: number): void {
    if (this.#assembly.add(bytes, at, size)) this.#complete();
  }

  /** The channel ends in the middle of a message. */
  abandon(): void {
    this.expected = "method";
    this.#assembly.start(0);
  }

  #find(exchange: string, key: string): Route {
    const { vhost } = this.channel.connection;
    const found = findExchange(vhost, exchange);
    if (found.internal) {
      throw new AmqpError("access_refused", `cannot publish to internal ${exchangeNamed(exchange)}`);
    }
    return vhost.routes.find(found, key);
  }

  #traitsOf(bytes: Buffer, at: number, size: number): Traits {
    const last = this.#traits;
    const isSameAgain = last && last.size === size && size <= SAME_PROPERTIES &&
      last.replyTo === undefined && isSameRange(last.bytes, last.start, bytes, at, size);
    if (isSameAgain) return last;
    const kept = this.#slab.copy(bytes, at, size);
    const traits = this.#locate(kept, this.#slab.start, size);
    const { user } = this.channel.connection;
    if (traits.userId !== undefined && traits.userId !== user) {
      throw new AmqpError(
        "precondition_failed",
        `user_id property set to '${traits.userId}' but authenticated user was '${user}'`,
      );
    }
    if (traits.replyTo !== REPLY_QUEUE) return traits;
    return encodeProperties({ ...decodeProperties(traits), replyTo: this.channel.replies.key });
  }

  /** RabbitMQ, which reads properties later than frames, crashes on bad ones in this way. */
  #locate(bytes: Buffer, at: number, size: number): Traits {
    try {
      return locate(bytes, at, size);
    } catch (error) {
      throw error instanceof Malformed ? new AmqpError("internal_error", "", 0) : error;
    }
  }

  #complete(): void {
    this.expected = "method";
    const { channel } = this;
    const { vhost } = channel.connection;
    const publication = this.#publication!;
    if (publication.generation !== vhost.routes.generation) {
      publication.route = this.#find(publication.exchange, publication.key);
      publication.generation = vhost.routes.generation;
    }
    const { origin, traits, queues } = this.#address(publication.route);
    const { body, at, size } = this.#assembly;
    const message = new Message(origin, traits, body, at, size);
    const sequence = channel.confirms?.next() ?? 0;
    if (channel.transaction) {
      channel.transaction.publish(() => this.#deliver(message, queues, publication.mandatory, 0));
    } else {
      this.#deliver(message, queues, publication.mandatory, sequence);
    }
  }

  #address({ exchange, origin, queues }: Route): Addressed {
    const traits = this.#traits!;
    if (queues && !traits.copies) return { origin, traits, queues };
    const { vhost } = this.channel.connection;
    const to = traits.copies ? addressed(origin, traits) : { origin, traits };
    const message = { keys: to.origin.keys, headers: () => headersOf(traits) };
    return { ...to, queues: route(exchange, message, vhost.exchanges) };
  }

  #deliver(message: Message, queues: readonly Queue[], mandatory: boolean, sequence: number): void {
    const { channel } = this;
    const { connection } = channel;
    let refused = false;
    for (const queue of queues) if (!queue.publish(message)) refused = true;
    if (queues.length === 0) this.#unroutable(message, mandatory);
    if (!channel.confirms) return;
    if (refused) {
      channel.refuse(sequence);
    } else if (
      message.traits.persistent && connection.vhost.store.pending && queues.some(({ stored }) => stored)
    ) {
      channel.confirms.wait(sequence);
      connection.vhost.store.whenCommitted(channel);
    }
    connection.confirm(channel);
  }

  /** A key of the default exchange may be the address of a direct reply, which for a mandatory is still no queue. */
  #unroutable(message: Message, mandatory: boolean): void {
    const { exchange, keys } = message.origin;
    if (exchange === "") {
      const { replies } = this.channel.connection.vhost;
      for (const key of keys) replies.get(key)?.reply(message);
    }
    if (mandatory) this.#return(message);
  }

  #return(message: Message): void {
    const { connection, id } = this.channel;
    connection.out.method(id, Method.BasicReturn).short(312).shortString("NO_ROUTE")
      .raw(message.origin.envelope).end();
    const { traits, body, start, size } = message;
    writeContent(connection.out, id, { traits, body: body!, start, size }, connection.frameMax);
  }
}

export function unexpected(text: string, method: number = Method.BasicPublish): AmqpError {
  return new AmqpError("unexpected_frame", text, method);
}

function isSame(known: Uint8Array, bytes: Uint8Array, at: number, end: number): boolean {
  return known.length === end - at && isSameRange(known, 0, bytes, at, known.length);
}

function isSameRange(a: Uint8Array, atA: number, b: Uint8Array, atB: number, size: number): boolean {
  for (let i = 0; i < size; i++) if (a[atA + i] !== b[atB + i]) return false;
  return true;
}
