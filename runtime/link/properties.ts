import type amqp from "amqplib";
import type { Buffer } from "node:buffer";
import { HeaderTable } from "../amqp/header_table.ts";
import { At, PropertyBytes } from "../amqp/property_bytes.ts";
import type { Properties } from "../core/api/message.ts";

/** The properties of a received message. Each is decoded when it is read. */
export class ReceivedProperties implements Readonly<Properties> {
  readonly #bytes: PropertyBytes;
  readonly #unread: string | undefined;
  #headers: HeaderTable | undefined;

  /** `unread` says why received headers are missing in `bytes`. Throws `Malformed`. */
  constructor(bytes: Buffer, unread?: string) {
    this.#bytes = new PropertyBytes(bytes);
    this.#unread = unread;
  }

  /** The bytes of the content header. */
  get encoded(): Uint8Array {
    return this.#bytes.bytes;
  }

  get headers(): HeaderTable {
    return this.#headers ??= this.#readHeaders();
  }

  get contentType(): string | undefined {
    return this.#bytes.text(At.contentType);
  }

  get contentEncoding(): string | undefined {
    return this.#bytes.text(At.contentEncoding);
  }

  get persistent(): boolean | undefined {
    const mode = this.#bytes.octet(At.deliveryMode);
    return mode === undefined ? undefined : mode === 2;
  }

  get priority(): number | undefined {
    return this.#bytes.octet(At.priority);
  }

  get correlationId(): string | undefined {
    return this.#bytes.text(At.correlationId);
  }

  get replyTo(): string | undefined {
    return this.#bytes.text(At.replyTo);
  }

  get expiration(): number | undefined {
    const text = this.#bytes.text(At.expiration);
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  }

  get messageId(): string | undefined {
    return this.#bytes.text(At.messageId);
  }

  get timestamp(): number | undefined {
    const seconds = this.#bytes.timestamp();
    return seconds === undefined ? undefined : Number(seconds);
  }

  get type(): string | undefined {
    return this.#bytes.text(At.type);
  }

  get userId(): string | undefined {
    return this.#bytes.text(At.userId);
  }

  get appId(): string | undefined {
    return this.#bytes.text(At.appId);
  }

  #readHeaders(): HeaderTable {
    return new HeaderTable(this.#bytes.part(At.headers)?.subarray(4) ?? HeaderTable.none.bytes, this.#unread);
  }
}

/** The properties that Hopper put into amqplib's message. */
export function receivedIn({ properties }: Pick<amqp.Message, "properties">): ReceivedProperties {
  return properties as unknown as ReceivedProperties;
}
