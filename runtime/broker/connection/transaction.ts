import { AmqpError } from "../errors.ts";
import type { Memory } from "../memory.ts";
import type { Message } from "../queue/message.ts";
import type { Store } from "../store/store.ts";
import type { ChannelLimit } from "./channel_limit.ts";
import { type Answer, settle } from "./settle.ts";
import type { Unacked, UnackedSet } from "./unacked.ts";

/** What a commit needs of the broker. */
interface Broker {
  readonly memory: Memory;
  readonly store: Store;
}

/** Delivers a message at the commit. Returns the commit's error where the message cannot reach all of its queues. */
type Deliver = () => AmqpError | undefined;

/** The publishes and answers of a tx channel that are not committed yet. */
export class Transaction {
  #publishes: { message: Message; deliver: Deliver }[] = [];
  #answers: { taken: readonly [number, Unacked][]; how: Answer }[] = [];

  constructor(readonly broker: Broker, readonly unacked: UnackedSet, readonly limit: ChannelLimit) {}

  publish(message: Message, deliver: Deliver): void {
    this.broker.memory.retain(message);
    this.#publishes.push({ message, deliver });
  }

  answer(taken: readonly [number, Unacked][], how: Answer): void {
    this.#answers.push({ taken, how });
  }

  /**
   * Does all of it. The store has it when this returns; throws 541 where the disk does not take it, and the error of
   * the first message that could not be delivered.
   */
  commit(): void {
    const publishes = this.#publishes, answers = this.#answers;
    this.#publishes = [];
    this.#answers = [];
    let failure: AmqpError | undefined;
    for (const { message, deliver } of publishes) {
      const failed = deliver();
      failure ??= failed;
      this.broker.memory.release(message);
    }
    for (const { taken, how } of answers) settle(taken, how, this.limit);
    if (!this.broker.store.commit()) {
      throw new AmqpError(
        "internal_error",
        "the broker's disk does not take the transaction yet; it is kept in memory",
      );
    }
    if (failure) throw failure;
  }

  /** Forgets all of it: the deliveries that were answered are unanswered again. */
  rollback(): void {
    for (const { message } of this.#publishes) this.broker.memory.release(message);
    this.#publishes = [];
    for (const { taken } of this.#answers) this.unacked.restore(taken);
    this.#answers = [];
  }
}
