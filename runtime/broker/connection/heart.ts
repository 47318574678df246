/** Intervals after which a silent client counts as gone. */
const maxSilentIntervals = 3;

/** Heartbeats: sends one when nothing else was sent, and ends the connection of a silent client. */
export class Heart {
  #timer: ReturnType<typeof setInterval> | undefined;
  #hasSent = false;
  #silentHalves = 0;
  #isPaused = false;

  /**
   * @param beat sends a heartbeat
   * @param silent called when nothing came for too long
   */
  constructor(readonly beat: () => void, readonly silent: () => void) {}

  /** Begins to beat every so many seconds; 0 for never. */
  start(seconds: number): void {
    if (seconds === 0) return;
    // Twice in each interval, so that a heartbeat is never later than the client expects.
    this.#timer = setInterval(() => this.#check(), seconds * 500);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  sent(): void {
    this.#hasSent = true;
  }

  received(): void {
    this.#silentHalves = 0;
  }

  /** While the connection is not read, the client is not to blame for silence. */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#silentHalves = 0;
  }

  #check(): void {
    if (!this.#isPaused && ++this.#silentHalves > maxSilentIntervals * 2) return this.silent();
    if (!this.#hasSent) this.beat();
    this.#hasSent = false;
  }
}
