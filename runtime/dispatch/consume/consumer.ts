import { backoffDelay, pause, refusedRetryMs } from "../../core/backoff.ts";
import { HopperError } from "../../core/api/errors.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import { attach, type Attachment, type ConsumerParts } from "./attachment.ts";
import type { Lanes } from "./lanes.ts";
import { Slots } from "./slots.ts";

/** How many messages were finished and given back when a consumer stopped. */
export interface Drained {
  readonly finished: number;
  readonly putBack: number;
}

const lostBackoff = { first: 100, max: 3_000 };

/** One function's consumer. It attaches again whenever its channel, its queue or the connection is lost. */
export class Consumer {
  readonly #parts: ConsumerParts;
  readonly #slots: Slots;
  readonly #lanes: Lanes | undefined;
  readonly #stopping = new AbortController();
  readonly #tried = Promise.withResolvers<void>();
  readonly #done: Promise<void>;
  #attachment: Attachment | undefined;
  #attached = Promise.withResolvers<void>();
  #missing = "waiting for the broker";
  /** Whether it is not attached because its runs failed. */
  #rests = false;

  constructor(parts: ConsumerParts) {
    this.#parts = parts;
    this.#slots = new Slots(slotsOf(parts.settings), parts.pace);
    this.#lanes = parts.lanes?.(this.#slots);
    this.#done = this.#keepAttached();
  }

  /** Why it is not attached, or `undefined` while it is. */
  get missing(): string | undefined {
    return this.#attachment ? undefined : this.#missing;
  }

  /** The queue that it is attached to; `undefined` while it is not. */
  get queue(): string | undefined {
    return this.#attachment?.queue;
  }

  /** Why it pauses; `undefined` if it does not. It pauses because its own runs fail, not because something is missing. */
  get paused(): string | undefined {
    return this.#rests ? this.#missing : undefined;
  }

  /** Whether an operator has paused it. */
  get held(): boolean {
    return this.#parts.hold.on;
  }

  /** Resolves when it is attached, now or next time. */
  get attached(): Promise<void> {
    return this.#attached.promise;
  }

  /** Resolves when it is not attached, now or next time. */
  get detached(): Promise<void> {
    return this.#attachment?.left.promise ?? Promise.resolve();
  }

  /** How many runs are in progress. */
  get running(): number {
    return this.#slots.running;
  }

  /** How many messages wait here for a run. */
  get waiting(): number {
    return this.#slots.waiting + (this.#lanes?.waiting ?? 0);
  }

  /** Resolves when it is attached for the first time, or refused. */
  get tried(): Promise<void> {
    return this.#tried.promise;
  }

  /** Takes no more messages, and lets the current runs finish. Messages that wait here go back to the queue. */
  async drain(): Promise<Drained> {
    this.#stopping.abort();
    if (this.#parts.inOrder) return await this.#drainInOrder();
    await this.#attachment?.intake.stop().catch(() => {});
    const started = this.#slots.running;
    if (this.#parts.settings.ack === "none") {
      const here = started + this.#slots.waiting;
      // What cannot be run is put back.
      const putBack = this.#parts.availability?.trouble === undefined ? 0 : here;
      await this.#slots.idle();
      return { finished: here - putBack, putBack };
    }
    const putBack = this.#clear();
    await this.#attachment?.intake.giveBack();
    await this.#slots.idle();
    await this.#attachment?.reading?.keep();
    return { finished: started, putBack };
  }

  /** What waits goes back when the channel is closed, after the runs have ended. */
  async #drainInOrder(): Promise<Drained> {
    this.#attachment?.intake.hush();
    const finished = this.#slots.running;
    const putBack = this.#clear();
    await this.#slots.idle();
    return { finished, putBack };
  }

  /** Forgets what waits here, and returns how many messages that were. */
  #clear(): number {
    return this.#lanes?.clear() ?? this.#slots.clear();
  }

  /** Closes the channel. Messages that are not settled go back to the queue. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#attachment?.channel.close();
    await this.#done;
  }

  async #keepAttached(): Promise<void> {
    const { signal } = this.#stopping;
    for (let attempt = 1; !signal.aborted; attempt++) {
      let retryMs = backoffDelay(attempt, lostBackoff);
      try {
        await this.#waitUntilAvailable(signal);
        await this.#waitWhileHeld(signal);
        await this.#waitWhilePaused(signal);
        if (signal.aborted) break;
        const attachment = await attach(this.#parts, {
          slots: this.#slots,
          lanes: this.#lanes,
          clear: () => this.#clear(),
          waitsFor: (why) => this.#waitsFor(why),
        }, signal);
        if (signal.aborted) return await attachment.channel.close();
        attempt = 0;
        retryMs = backoffDelay(1, lostBackoff);
        if (await this.#whileAttached(attachment) === "turned") continue;
      } catch (error) {
        this.#missing = error instanceof Error ? error.message : String(error);
        this.#rests = false;
        if (error instanceof HopperError && error.code === "TOPOLOGY_REFUSED") {
          retryMs = refusedRetryMs;
          this.#tried.resolve();
        }
      }
      if (signal.aborted) break;
      const { function: name, emit } = this.#parts;
      emit({ event: "detached", function: name, error: this.#missing, retryMs });
      await pause(retryMs, signal);
    }
    this.#tried.resolve();
  }

  async #waitUntilAvailable(signal: AbortSignal): Promise<void> {
    const { availability, settings } = this.#parts;
    // Without acknowledgements, a message that comes before it can be run exists only here.
    if (settings.ack === "none" && settings.setup !== undefined) {
      await availability?.prepare().catch(() => {});
    }
    while (availability?.trouble !== undefined && !signal.aborted) {
      this.#missing = availability.trouble;
      this.#rests = false;
      this.#tried.resolve();
      await availability.turned;
    }
  }

  async #waitWhileHeld(signal: AbortSignal): Promise<void> {
    const { hold } = this.#parts;
    if (!hold.on) return;
    this.#missing = "paused by an operator";
    this.#rests = true;
    this.#tried.resolve();
    await hold.off(signal);
    this.#missing = "resumed, and not attached yet";
    this.#rests = false;
  }

  async #waitWhilePaused(signal: AbortSignal): Promise<void> {
    const { breaker: { state }, function: name, emit } = this.#parts;
    if (state.kind === "running") return;
    this.#missing = `paused, because ${state.failures} of its latest runs failed`;
    this.#rests = true;
    emit({ event: "paused", function: name, failures: state.failures, probeMs: state.probeMs });
    await pause(state.probeMs, signal);
    this.#parts.breaker.probe();
  }

  /** It waits, and nothing is wrong with that. */
  #waitsFor(why: string): void {
    this.#missing = why;
    this.#rests = true;
    this.#tried.resolve();
  }

  /** Waits until the attachment is lost, or the function pauses or resumes. Then the consumer must be attached again. */
  async #whileAttached(attachment: Attachment): Promise<"lost" | "turned"> {
    const { function: name, emit, settings, breaker, recipient, inOrder = false } = this.#parts;
    const { channel, intake, reading, queue, probing, turned } = attachment;
    this.#attachment = attachment;
    this.#attached.resolve();
    this.#rests = probing;
    this.#tried.resolve();
    if (!probing) emit({ event: "attached", function: name, queue });
    const lost = await Promise.race([attachment.lost, turned.then(() => undefined)]);
    this.#missing = lost ?? this.#missing;
    if (lost !== undefined) this.#rests = false;
    if (inOrder) intake.hush();
    else if (lost === undefined) await intake.stop().catch(() => {});
    this.#attachment = undefined;
    this.#attached = Promise.withResolvers();
    attachment.left.resolve();
    // Messages whose runs have not started belong to the broker again, and will be delivered again.
    if (settings.ack !== "none") this.#clear();
    if (lost === undefined && !inOrder) await intake.giveBack();
    intake.close();
    recipient.detached();
    if (lost === undefined) {
      await this.#slots.idle();
      await reading?.keep();
    }
    reading?.end();
    await channel.close();
    if (lost === undefined && probing && !breaker.paused) {
      emit({ event: "resumed", function: name });
    }
    return lost === undefined ? "turned" : "lost";
  }
}

// Every message of a batch has a slot, from when it waits for the others.
function slotsOf({ ack, batch, concurrency, prefetch, instances }: Resolved): number {
  if (batch) return instances * prefetch;
  return instances * (ack === "none" ? concurrency : Math.min(concurrency, prefetch));
}
