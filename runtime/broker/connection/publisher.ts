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
import type { Channel } from "./channel.ts";
import { IncomingProperties } from "./incoming_properties.ts";
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

/** Puts a channel's publishes together from their frames and routes them. */
export class Publisher {
  expected: Expected = "method";
  readonly #assembly: Assembly;
  readonly #properties: IncomingProperties;
  #publication: Publication | undefined;

  constructor(readonly channel: Channel) {
    const { shared, vhost } = channel.connection;
    this.#assembly = new Assembly(
      shared.slab,
      vhost.memory.parts,
      (reason) => channel.fail(reason, Method.BasicPublish),
    );
    this.#properties = new IncomingProperties(channel);
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
    if (reader.short() !== 0) throw unexpected(NO_HEADER);
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
    this.expected = "body";
    this.#assembly.begin(bodySize);
    if (bodySize === 0) this.body(bytes, at, 0);
  }

  body(bytes: Buffer, at: number, size: number): void {
    if (this.#assembly.add(this.#properties.bytes, bytes, at, size)) this.#complete();
  }

  /** The channel ends in the middle of a message. */
  abandon(): void {
    this.expected = "method";
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
    this.expected = "method";
    const { channel } = this;
    const { vhost } = channel.connection;
    const publication = this.#publication!;
    if (publication.generation !== vhost.routes.generation) {
      publication.route = this.#find(publication.exchange, publication.key);
      publication.generation = vhost.routes.generation;
    }
    const { message, queues } = this.#address(publication.route);
    this.#assembly.clear();
    const sequence = channel.confirms?.next() ?? 0;
    if (channel.transaction) {
      const { mandatory } = publication;
      const names = namesOf(message, queues);
      channel.transaction.publish(message, () => {
        const found = names.flatMap((name) => vhost.queues.get(name) ?? []);
        this.#deliver(message, found, mandatory, 0);
      });
    } else {
      this.#deliver(message, queues, publication.mandatory, sequence);
    }
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

  #deliver(message: Message, queues: readonly Queue[], mandatory: boolean, sequence: number): void {
    const { channel } = this;
    const { connection } = channel;
    const accepted = connection.vhost.publish(message, queues);
    if (queues.length === 0) this.#unroutable(message, mandatory);
    if (!channel.confirms) return;
    if (queues.length === 0) return channel.confirmUnroutable(sequence);
    if (!accepted) {
      channel.refuse(sequence);
    } else if (
      message.traits.persistent && connection.vhost.store.pending && queues.some(({ durable }) => durable)
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
    writeContent(connection.out, id, message as Content, connection.frameMax);
  }
}

export const NO_HEADER =
  `expected content header for class ${BASIC_CLASS}, got non content header frame instead`;

export function unexpected(text: string, method: number = Method.BasicPublish): AmqpError {
  return new AmqpError("unexpected_frame", text, method);
}

/** Where a transaction's message goes: bindings are those at the publish, the queues by these names those at the commit. */
function namesOf({ origin }: Message, queues: readonly Queue[]): readonly string[] {
  return origin.exchange === "" ? [...new Set(origin.keys)] : queues.map(({ name }) => name);
}

function isSame(known: Uint8Array, bytes: Uint8Array, at: number, end: number): boolean {
  if (known.length !== end - at) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[at + i]) return false;
  return true;
}
