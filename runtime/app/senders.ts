import { Calls } from "../client/calls.ts";
import { Delays } from "../client/delay/delays.ts";
import { createSender } from "../client/sender.ts";
import { ServedRpcs } from "../client/served.ts";
import type { Caller } from "../core/api/context.ts";
import { HelperQueues } from "../dispatch/settle/helper_queues.ts";
import { ConfirmedPublisher } from "../link/publisher.ts";
import type { Supervisor } from "../link/supervisor.ts";

/** How one function publishes and calls. */
export interface Sender {
  readonly publisher: ConfirmedPublisher;
  readonly queues: HelperQueues;
  readonly calls: Calls;
  /** The part of it that its handler gets. */
  readonly caller: Caller;
}

/**
 * A sender for each function, on channels of its own, which are opened when it first sends: when the broker closes a
 * channel, no other function is affected.
 */
export class Senders {
  readonly #link: Supervisor;
  /** The unconfirmed messages of all of them, which are limited together. */
  readonly #held = { messages: 0, bytes: 0 };
  readonly #senders = new Map<string, Sender>();
  readonly #served: ServedRpcs;
  readonly #delays: Delays;
  readonly #openReplies: () => Supervisor;
  #replies: Supervisor | undefined;
  readonly #heldReplies = { messages: 0, bytes: 0 };
  readonly #repliers = new Map<string, ConfirmedPublisher>();

  /** `openReplies` opens a link for replies, which go where callers say, and so share nothing with `publishers`. */
  constructor(link: Supervisor, openReplies: () => Supervisor) {
    this.#link = link;
    this.#served = new ServedRpcs(link);
    this.#delays = new Delays(link);
    this.#openReplies = openReplies;
  }

  /** The links in use. */
  get links(): readonly Supervisor[] {
    return this.#replies ? [this.#link, this.#replies] : [this.#link];
  }

  /** The sender of a function, for all its versions. */
  of(name: string): Sender {
    const known = this.#senders.get(name);
    if (known) return known;
    const publisher = new ConfirmedPublisher(this.#link, {}, this.#held);
    const calls = new Calls(this.#link, this.#served);
    const queues = new HelperQueues(publisher);
    const sender = { publisher, queues, calls, caller: createSender(publisher, calls, this.#delays) };
    this.#senders.set(name, sender);
    return sender;
  }

  /** The publisher with which an rpc replies. */
  repliesOf(name: string): ConfirmedPublisher {
    const known = this.#repliers.get(name);
    if (known) return known;
    this.#replies ??= this.#openReplies();
    const replies = new ConfirmedPublisher(this.#replies, {}, this.#heldReplies);
    this.#repliers.set(name, replies);
    return replies;
  }

  /** Forgets a function that is gone, once nothing of it runs any more. */
  async forget(name: string): Promise<void> {
    const [sender, replier] = [this.#senders.get(name), this.#repliers.get(name)];
    this.#senders.delete(name);
    this.#repliers.delete(name);
    await Promise.all([sender && close(sender), replier?.close()]);
  }

  /** Waits for messages that are being sent, then closes the channels. */
  async close(): Promise<void> {
    const repliers = [...this.#repliers.values()];
    await Promise.all([...[...this.#senders.values()].map(close), ...repliers.map((one) => one.close())]);
  }
}

async function close({ publisher, calls }: Sender): Promise<void> {
  await Promise.all([calls.close(), publisher.close()]);
}
