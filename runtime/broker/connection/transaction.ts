import { AmqpError } from "../errors.ts";
import type { Memory } from "../memory.ts";
import type { Message } from "../queue/message.ts";
import type { Channel } from "./channel.ts";
import { type Answer, settle } from "./settle.ts";
import type { Unacked } from "./unacked.ts";

/** What a tx channel has said and not yet committed. */
export class Transaction {
  #publishes: { message: Message; deliver: () => void }[] = [];
  #answers: { taken: readonly [number, Unacked][]; how: Answer }[] = [];

  constructor(readonly channel: Channel) {}

  publish(message: Message, deliver: () => void): void {
    this.#memory.retain(message);
    this.#publishes.push({ message, deliver });
  }

  answer(taken: readonly [number, Unacked][], how: Answer): void {
    this.#answers.push({ taken, how });
  }

  /** Does all that was said; it is in the store when this returns. Throws where the disk does not take it. */
  commit(): void {
    const publishes = this.#publishes, answers = this.#answers;
    this.#publishes = [];
    this.#answers = [];
    for (const { message, deliver } of publishes) {
      deliver();
      this.#memory.release(message);
    }
    for (const { taken, how } of answers) settle(this.channel, taken, how);
    if (this.channel.connection.vhost.store.commit()) return;
    throw new AmqpError(
      "internal_error",
      "the broker's disk does not take it yet; what was said is kept in memory",
    );
  }

  /** Forgets it; the deliveries answered for are unanswered again. */
  rollback(): void {
    for (const { message } of this.#publishes) this.#memory.release(message);
    this.#publishes = [];
    for (const { taken } of this.#answers) this.channel.unacked.restore(taken);
    this.#answers = [];
  }

  get #memory(): Memory {
    return this.channel.connection.vhost.memory;
  }
}
