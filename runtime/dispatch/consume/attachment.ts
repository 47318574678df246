import type { Emit } from "../../core/ports/events.ts";
import type { Channel, Link } from "../../core/ports/amqp.ts";
import { effectivePrefetch } from "../../core/settings/effective_prefetch.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import { maxWaitMs } from "../delivery/hold_limit.ts";
import type { Availability } from "../availability.ts";
import type { CircuitBreaker } from "../circuit_breaker.ts";
import type { Hold } from "../hold.ts";
import type { Pace } from "../rate/pace.ts";
import { Intake } from "./intake.ts";
import type { Lanes } from "./lanes.ts";
import type { Recipient } from "./recipient.ts";
import type { Slots } from "./slots.ts";
import type { Reading, Source } from "./source.ts";

/** What a consumer needs. */
export interface ConsumerParts {
  readonly function: string;
  readonly settings: Resolved;
  readonly link: Link;
  /** Declares what the function needs, and returns its queue's name. */
  readonly declare: (channel: Channel) => Promise<string>;
  readonly recipient: Recipient;
  /** Where its messages come from, if from a stream. */
  readonly stream?: Source;
  /** The queues that it consumes, if not the function's own. */
  readonly sources?: readonly string[];
  /** Makes what the messages of one key wait in, if they wait for each other. */
  readonly lanes?: ((slots: Slots) => Lanes) | undefined;
  /**
   * Whether the order of messages counts. Then none goes back alone, and it stays attached until its runs have ended,
   * because only then the broker may give the next message to another consumer.
   */
  readonly inOrder?: boolean;
  readonly breaker: CircuitBreaker;
  /** It is attached only while messages can be run; `undefined`: always. */
  readonly availability: Availability | undefined;
  /** When runs may begin, if the function has a rate. */
  readonly pace: Pace | undefined;
  /** It is attached only while this is off. */
  readonly hold: Hold;
  readonly emit: Emit;
}

/** A consumer while it is attached. */
export interface Attachment {
  readonly channel: Channel;
  readonly queue: string;
  readonly intake: Intake;
  readonly reading: Reading | undefined;
  /** Whether it was attached to try one message. */
  readonly probing: boolean;
  /** Resolves when the function pauses or resumes, or its messages can no longer be run. */
  readonly turned: Promise<void>;
  /** Resolves, with the reason, when it is no longer attached. */
  readonly lost: Promise<string>;
  /** Resolves when the broker sends it nothing more. */
  readonly left: PromiseWithResolvers<void>;
}

/** What of a consumer lives longer than one attachment. */
export interface Inside {
  readonly slots: Slots;
  readonly lanes: Lanes | undefined;
  /** Forgets the messages that wait here. */
  clear(): void;
  /** Called with what it waits for, while nothing is wrong with that. */
  waitsFor(why: string): void;
}

/** Declares what the function needs, and attaches its consumer to it. Rejects as the broker does. */
export async function attach(
  { link, declare, recipient, stream, settings, breaker, availability, hold, sources, inOrder }:
    ConsumerParts,
  { slots, lanes, clear, waitsFor }: Inside,
  signal: AbortSignal,
): Promise<Attachment> {
  const connection = await link.connection(signal);
  const channel = await connection.openChannel();
  try {
    const queue = await declare(channel);
    const noAck = settings.ack === "none";
    const reading = await stream?.begin(connection, channel, signal, waitsFor);
    // Read before the first message can come: its run may end before the consumer is known to be attached.
    const { paused: probing } = breaker;
    const { promise: givenBack, resolve: giveBack } = Promise.withResolvers<void>();
    const turned = Promise.race([
      breaker.turned,
      hold.turned,
      givenBack,
      ...reading === undefined ? [] : [reading.turned],
      ...availability === undefined
        ? []
        : [availability.trouble === undefined ? availability.turned : undefined],
    ]);
    if (!noAck) await channel.prefetch(probing ? 1 : effectivePrefetch(settings));
    const cancelled = Promise.withResolvers<string>();
    const onCancel = () =>
      cancelled.resolve("The broker ended the consumer, as it does when its queue is deleted");
    const intake: Intake = new Intake({
      channel,
      queue,
      sources: reading ? [reading.queue] : sources ?? [queue],
      reading,
      noAck,
      slots,
      lanes,
      giveAllBack: inOrder
        ? () => {
          intake.hush();
          clear();
          giveBack();
        }
        : undefined,
      maxWaitMs: maxWaitMs(settings),
      recipient,
      onCancel,
    });
    await intake.start();
    const lost = Promise.race([
      channel.ended.then(({ reason }) => reason),
      cancelled.promise,
      ...reading === undefined ? [] : [reading.lost],
    ]);
    return {
      channel,
      queue: reading?.queue ?? queue,
      intake,
      reading,
      probing,
      turned,
      lost,
      left: Promise.withResolvers(),
    };
  } catch (error) {
    await channel.close();
    throw error;
  }
}
