import type { Channel } from "./channel.ts";
import { type Answer, settle } from "./settle.ts";
import type { Unacked } from "./unacked.ts";

/** What a tx channel has said and not yet committed. */
export class Transaction {
  #publishes: (() => void)[] = [];
  #answers: { taken: readonly [number, Unacked][]; how: Answer }[] = [];

  constructor(readonly channel: Channel) {}

  publish(deliver: () => void): void {
    this.#publishes.push(deliver);
  }

  answer(taken: readonly [number, Unacked][], how: Answer): void {
    this.#answers.push({ taken, how });
  }

  /** Does all that was said; it is in the store when this returns. */
  commit(): void {
    const publishes = this.#publishes, answers = this.#answers;
    this.#publishes = [];
    this.#answers = [];
    for (const deliver of publishes) deliver();
    for (const { taken, how } of answers) settle(this.channel, taken, how);
    this.channel.connection.vhost.store.commit();
  }

  /** Forgets it; the deliveries answered for are unanswered again. */
  rollback(): void {
    this.#publishes = [];
    for (const { taken } of this.#answers) this.channel.unacked.restore(taken);
    this.#answers = [];
  }
}
