/**
 * - `header`, `start`, `tune`, `vhost`: the steps of the handshake, named after what the client has to send
 * - `open`: in use
 * - `closing`: the broker has closed it and waits for CloseOk
 * - `closed`: whatever still comes is ignored
 */
export type Phase = "header" | "start" | "tune" | "vhost" | "open" | "closing" | "closed";

/** What client and broker have agreed on. */
export interface Terms {
  /** Who has logged in. */
  readonly user: string;
  /** What the client says it understands. */
  readonly capabilities: ReadonlySet<string>;
  /** Channels at most. */
  readonly channelMax: number;
  /** Bytes of a frame at most. */
  readonly frameMax: number;
}

/** How far a client and the broker have come with each other. */
export class Session implements Terms {
  #phase: Phase = "header";
  #user = "";
  #capabilities: ReadonlySet<string> = new Set();
  #channelMax: number;
  #frameMax: number;

  /** What holds until both have agreed on something else. */
  constructor(channelMax: number, frameMax: number) {
    this.#channelMax = channelMax;
    this.#frameMax = frameMax;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get user(): string {
    return this.#user;
  }

  get capabilities(): ReadonlySet<string> {
    return this.#capabilities;
  }

  get channelMax(): number {
    return this.#channelMax;
  }

  get frameMax(): number {
    return this.#frameMax;
  }

  /** The client has sent the protocol header. */
  greeted(): void {
    this.#phase = "start";
  }

  /** The client has said what it understands; it has yet to prove who it is. */
  introduced(capabilities: ReadonlySet<string>): void {
    this.#capabilities = capabilities;
  }

  loggedIn(user: string): void {
    this.#user = user;
    this.#phase = "tune";
  }

  tuned(channelMax: number, frameMax: number): void {
    this.#channelMax = channelMax;
    this.#frameMax = frameMax;
    this.#phase = "vhost";
  }

  opened(): void {
    this.#phase = "open";
  }

  closing(): void {
    this.#phase = "closing";
  }

  closed(): void {
    this.#phase = "closed";
  }
}
