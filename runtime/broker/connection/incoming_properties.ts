import { Buffer } from "node:buffer";
import { Malformed } from "../../amqp/malformed.ts";
import { AmqpError } from "../errors.ts";
import { decodeProperties, encodeProperties, type Properties } from "../../amqp/properties.ts";
import { locate, sameTraits, type Traits } from "../protocol/traits.ts";
import { takeCopies } from "./copies.ts";
import { replyQueue } from "./reply_address.ts";

const noCopies: readonly string[] = [];

/** The properties of the message that is coming in: checked, and changed where the broker must change them. */
export class IncomingProperties {
  /** As they will be delivered. */
  bytes: Buffer = Buffer.alloc(0);
  traits: Traits | undefined;
  /** The routing keys of CC and BCC. */
  copies: readonly string[] = noCopies;
  #store = Buffer.alloc(256);

  /**
   * @param user who has logged in
   * @param replies `key` is the channel's address for direct replies; it throws 406 where there is none
   */
  constructor(readonly user: string, readonly replies: { readonly key: string }) {}

  /** Reads them from a header frame. Most messages have the same as the one before: then there is nothing to do. */
  read(bytes: Buffer, at: number, size: number): void {
    if (this.traits && this.copies === noCopies && this.#isSame(bytes, at, size)) return;
    const last = this.traits;
    this.traits = undefined;
    const traits = this.#check(bytes, at, size);
    this.copies = noCopies;
    if (traits.copies || traits.replyTo === replyQueue) {
      this.bytes = this.#rewrite(decodeProperties(bytes, at, size));
    } else {
      this.#keep(bytes, at, size);
    }
    // Each message keeps its traits: equal traits share one object.
    this.traits = last && sameTraits(last, traits) ? last : traits;
  }

  #isSame(bytes: Buffer, at: number, size: number): boolean {
    if (this.bytes.length !== size || this.traits!.replyTo === replyQueue) return false;
    for (let i = 0; i < size; i++) if (this.bytes[i] !== bytes[at + i]) return false;
    return true;
  }

  #check(bytes: Buffer, at: number, size: number): Traits {
    const traits = this.#locate(bytes, at, size);
    const { user } = this;
    if (traits.userId === undefined || traits.userId === user) return traits;
    throw new AmqpError(
      "precondition_failed",
      `user_id property set to '${traits.userId}' but authenticated user was '${user}'`,
    );
  }

  /** RabbitMQ reads properties later than frames, and answers bad ones with 541. */
  #locate(bytes: Buffer, at: number, size: number): Traits {
    try {
      return locate(bytes, at, size);
    } catch (error) {
      throw error instanceof Malformed ? new AmqpError("internal_error", "", 0) : error;
    }
  }

  #rewrite(properties: Properties): Buffer {
    const changed = { ...properties };
    if (changed.headers) this.copies = takeCopies(changed.headers);
    if (changed.replyTo === replyQueue) changed.replyTo = this.replies.key;
    return encodeProperties(changed);
  }

  #keep(bytes: Buffer, at: number, size: number): void {
    if (this.#store.length < size) this.#store = Buffer.alloc(size * 2);
    this.#store.set(bytes.subarray(at, at + size));
    this.bytes = this.#store.subarray(0, size);
  }
}
