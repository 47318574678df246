import { CallTimeout } from "../core/ports/amqp_errors.ts";
import type { Waiting } from "../core/deadlines.ts";
import type { CallChannel, Reply } from "../link/call_channel.ts";

/** A call that waits for its reply. */
export class PendingCall implements Waiting {
  readonly reply: Promise<Reply>;
  /** The channel that its request goes over, once it is known. */
  channel: Promise<CallChannel> | undefined;
  /** Aborts when nobody waits for the reply any more. Only a call that cannot be sent at once has one. */
  ended: AbortController | undefined;
  #resolve!: (reply: Reply) => void;
  #reject!: (error: unknown) => void;

  /** A call of `name`, for at most `ms` milliseconds. Its request's body has `size` bytes. */
  constructor(readonly name: string, readonly ms: number, readonly size: number) {
    this.reply = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  succeed(reply: Reply): void {
    this.#resolve(reply);
  }

  fail(error: unknown): void {
    this.#reject(error);
  }

  timeOut(): void {
    this.fail(new CallTimeout(this.name, this.ms));
  }

  giveUp(reason: unknown): void {
    this.fail(reason);
  }
}
