import { Frame } from "../../amqp/method.ts";
import type { Connection } from "./connection.ts";

/** Intervals a client may be silent before it counts as gone. */
const MISSES = 3;

/** Heartbeats: sends one when there was nothing else to send, and lets a silent client go. */
export class Heart {
  #timer: ReturnType<typeof setInterval> | undefined;
  #hasSent = false;
  #misses = 0;
  #paused = false;

  constructor(readonly connection: Connection) {}

  /** Begins to beat every so many seconds; 0 for never. */
  start(seconds: number): void {
    if (seconds === 0) return;
    // Twice an interval, so that a beat is never later than the client expects.
    this.#timer = setInterval(() => this.#beat(), seconds * 500);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  sent(): void {
    this.#hasSent = true;
  }

  received(): void {
    this.#misses = 0;
  }

  /** While the connection is not read, silence is not the client's. */
  pause(paused: boolean): void {
    this.#paused = paused;
    this.#misses = 0;
  }

  #beat(): void {
    if (!this.#paused && ++this.#misses > MISSES * 2) return this.connection.end();
    if (!this.#hasSent) {
      this.connection.out.frame(Frame.Heartbeat, 0).end();
      this.connection.flush();
    }
    this.#hasSent = false;
  }
}
