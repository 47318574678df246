import { pause } from "../../core/backoff.ts";
import { encodeJson } from "../../core/body/codec.ts";
import { orAborted } from "../../core/or_aborted.ts";
import type { Channel, Outgoing, Publisher } from "../../core/ports/amqp.ts";
import type { Emit } from "../../core/ports/events.ts";
import { dueTicks, maxCaughtUp, type Skipped } from "../../core/schedule/due.ts";
import type { Recurrence } from "../../core/schedule/recurrence.ts";
import { dueTick, timeText } from "../../core/schedule/tick.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import { countsMore, type LastTick, lastTickBody } from "./last_tick.ts";
import type { Memory } from "./memory.ts";

/** What a runtime needs while it is its turn to send the ticks of a schedule. */
export interface TurnParts {
  readonly function: string;
  readonly settings: Resolved;
  readonly recurrence: Recurrence;
  /** The function's queue. */
  readonly queue: string;
  readonly memory: Memory;
  /** The queue of the memory, and the exchange that takes a tick to both queues. */
  readonly memoryQueue: string;
  /** The channel of the memory's consumer. */
  readonly channel: Channel;
  readonly publisher: Publisher;
  /** Aborts when the turn is over. */
  readonly ending: AbortSignal;
  readonly emit: Emit;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** The longest wait before the clock is looked at again, because it can be set, and stops while a machine sleeps. */
const longestMs = 3_600_000;

/** A last tick that lies so far in the future is that of a clock that was wrong. */
const aheadMs = 60_000;

/** No further tick is sent while so many wait in the function's queue. */
const maxWaiting = 1_000;

/**
 * One runtime's turn to send the ticks of a schedule. A tick goes to an exchange that takes it to the function's queue and
 * to the memory's, so that one publish both sends and remembers it.
 */
export class Turn {
  readonly #parts: TurnParts;
  readonly #now: () => number;
  #last: LastTick | undefined;

  constructor(parts: TurnParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  /** The latest tick that was sent, by this runtime or another, in milliseconds since the epoch. */
  get sent(): number | undefined {
    return this.#last?.sent;
  }

  /** Tells whichever runtime's turn it is that this one is there. The first one of all begins with that. */
  async announce(): Promise<void> {
    await this.#note({ at: this.#now(), recurrence: this.#parts.recurrence.text, beginning: true });
  }

  /** Sends the ticks until the turn is over. The memory must have something. */
  async take(): Promise<void> {
    const { recurrence, memory, ending } = this.#parts;
    let last = this.#last = await this.#begin(memory.last!);
    while (!ending.aborted) {
      // What an earlier one sent with its last breath may come late.
      if (memory.last && countsMore(memory.last, last)) {
        last = { ...memory.last, recurrence: recurrence.text };
      }
      last = this.#last = await this.#sendDue(last);
      const renewMs = await this.#renew(last);
      const dueMs = (recurrence.next(last.at) ?? Infinity) - this.#now();
      await pause(Math.max(0, Math.min(dueMs, renewMs, longestMs)), ending);
    }
  }

  /** Where to go on from. A schedule that was changed begins anew, now. */
  async #begin(known: LastTick): Promise<LastTick> {
    const { function: name, recurrence: { text: recurrence }, memory, emit } = this.#parts;
    const now = this.#now();
    if (known.at > now + aheadMs) {
      const message =
        `${name}: its last tick was at ${timeText(known.at)}, which is still to come, as the clock was ` +
        "wrong then or is wrong now: it goes on from now";
      emit({ event: "notice", message });
      // It would count more than what is noted now.
      memory.forget();
      return await this.#note({ at: now, recurrence });
    }
    if (known.recurrence === recurrence) return known;
    return await this.#note({ at: Math.max(now, known.at), sent: known.sent, recurrence });
  }

  /** Sends what is due. Returns the last tick that is done with. */
  async #sendDue(before: LastTick): Promise<LastTick> {
    const { recurrence, settings: { catchUp }, ending } = this.#parts;
    const { ticks, skipped } = dueTicks(recurrence, catchUp, before.at, this.#now());
    let last = before;
    if (skipped) {
      this.#skip(skipped, catchUp === "all" ? tooMany : missed);
      last = { ...last, at: skipped.to, beginning: undefined };
    }
    for (const at of ticks) {
      const sent = await this.#send(at, last.sent);
      if (ending.aborted) return last;
      last = { at, sent: sent ? at : last.sent, recurrence: recurrence.text };
    }
    return last;
  }

  /** Sends a tick. Returns whether it did. */
  async #send(at: number, previous: number | undefined): Promise<boolean> {
    const { channel, queue, memoryQueue: exchange, recurrence, publisher, ending } = this.#parts;
    // The answer also shows that the broker still has this channel, so that it is no other runtime's turn.
    if (await channel.messagesIn(queue) >= maxWaiting) {
      this.#skip({ from: at, to: at }, `${maxWaiting.toLocaleString("en")} of them wait in queue '${queue}'`);
      return false;
    }
    const tick = messageOf(dueTick(at, previous, recurrence.text), `${queue}@${timeText(at)}`);
    await orAborted(publisher.publish({ ...tick, exchange, routingKey: "" }), ending);
    return true;
  }

  /**
   * Sends the memory its last tick again, before the broker takes the message back that holds it. Returns how many
   * milliseconds this has time.
   */
  async #renew(last: LastTick): Promise<number> {
    const { memory: { since }, settings: { consumerTimeout } } = this.#parts;
    const left = since === undefined ? Infinity : since + consumerTimeout / 2 - performance.now();
    if (left > 0) return left;
    await this.#note({ ...last, beginning: undefined });
    return consumerTimeout / 2;
  }

  async #note(last: LastTick): Promise<LastTick> {
    const { memoryQueue: routingKey, publisher, ending } = this.#parts;
    await orAborted(
      publisher.publish({ ...messageOf(lastTickBody(last)), exchange: "", routingKey }),
      ending,
    );
    return last;
  }

  #skip({ from, to }: Skipped, why: string): void {
    const { function: name, emit } = this.#parts;
    emit({ event: "skipped", function: name, from: timeText(from), to: timeText(to), why });
  }
}

const missed = "no runtime could run them in time";
const tooMany = `more than ${maxCaughtUp.toLocaleString("en")} were missed`;

function messageOf(body: unknown, messageId?: string): Pick<Outgoing, "body" | "properties"> {
  const { body: bytes, contentType } = encodeJson(body);
  const timestamp = Math.floor(Date.now() / 1000);
  return { body: bytes, properties: { messageId, contentType, persistent: true, timestamp } };
}
