import { Calls } from "../client/calls.ts";
import { createSender } from "../client/sender.ts";
import { ServedRpcs } from "../client/served.ts";
import type { Caller } from "../core/api/context.ts";
import { HelperQueues } from "../dispatch/settle/helper_queues.ts";
import { ConfirmedPublisher } from "../link/publisher.ts";
import type { Supervisor } from "../link/supervisor.ts";

/** What one function publishes and calls with. */
export interface Sender {
  readonly publisher: ConfirmedPublisher;
  readonly queues: HelperQueues;
  readonly calls: Calls;
  /** What its handler has of them. */
  readonly caller: Caller;
}

/**
 * A sender for each function, on channels of its own, which are opened when it first sends: what the broker closes a
 * channel for costs no other function anything.
 */
export class Senders {
  readonly #link: Supervisor;
  /** What they have unconfirmed together, which the limits are for. */
  readonly #held = { messages: 0, bytes: 0 };
  readonly #senders = new Map<string, Sender>();
  readonly #served: ServedRpcs;
  readonly #openReplies: () => Supervisor;
  #replies: Supervisor | undefined;
  readonly #heldReplies = { messages: 0, bytes: 0 };
  readonly #repliers = new Map<string, ConfirmedPublisher>();

  /** `openReplies` gives the link of the replies, which are sent where callers say: it shares nothing with the other. */
  constructor(link: Supervisor, openReplies: () => Supervisor) {
    this.#link = link;
    this.#served = new ServedRpcs(link);
    this.#openReplies = openReplies;
  }

  /** The links that are needed. */
  get links(): readonly Supervisor[] {
    return this.#replies ? [this.#link, this.#replies] : [this.#link];
  }

  /** The sender of the function of this name, whichever of its versions serves. */
  of(name: string): Sender {
    const known = this.#senders.get(name);
    if (known) return known;
    const publisher = new ConfirmedPublisher(this.#link, {}, this.#held);
    const calls = new Calls(this.#link, this.#served);
    const queues = new HelperQueues(publisher);
    const sender = { publisher, queues, calls, caller: createSender(publisher, calls) };
    this.#senders.set(name, sender);
    return sender;
  }

  /** What the rpc of this name replies with. */
  repliesOf(name: string): ConfirmedPublisher {
    const known = this.#repliers.get(name);
    if (known) return known;
    this.#replies ??= this.#openReplies();
    const replies = new ConfirmedPublisher(this.#replies, {}, this.#heldReplies);
    this.#repliers.set(name, replies);
    return replies;
  }

  /** The function is gone, and nothing of it runs any more. */
  async forget(name: string): Promise<void> {
    const [sender, replier] = [this.#senders.get(name), this.#repliers.get(name)];
    this.#senders.delete(name);
    this.#repliers.delete(name);
    await Promise.all([sender && close(sender), replier?.close()]);
  }

  /** Waits for what is under way, then closes the channels. */
  async close(): Promise<void> {
    const repliers = [...this.#repliers.values()];
    await Promise.all([...[...this.#senders.values()].map(close), ...repliers.map((one) => one.close())]);
  }
}

async function close({ publisher, calls }: Sender): Promise<void> {
  await Promise.all([calls.close(), publisher.close()]);
}
