import type { Buffer } from "node:buffer";
import { AmqpError } from "../errors.ts";
import type { Alarms } from "../alarms.ts";
import type { Limits } from "../limits.ts";
import { Method } from "../../amqp/method.ts";
import type { Buffers } from "../protocol/buffers.ts";
import type { Slab } from "../queue/slab.ts";
import { Output } from "../../amqp/output.ts";
import { bare, connectionBlocked, connectionClose } from "../protocol/replies.ts";
import type { VirtualHost } from "../vhost/vhost.ts";
import type { Channel } from "./channel.ts";
import type { Dirty, Flusher } from "./flusher.ts";
import { takeFrames } from "./frames.ts";
import { Heart } from "./heart.ts";
import { Input } from "./input.ts";
import { type Peer, Transport } from "./transport.ts";
import { Waiting } from "./waiting.ts";

/** What a connection shares with all others. */
export interface Shared {
  readonly vhost: VirtualHost;
  readonly alarms: Alarms;
  readonly limits: Limits;
  readonly flusher: Flusher;
  readonly buffers: Buffers;
  /** Where the bodies of messages lie. */
  readonly slab: Slab;
  readonly user: string;
  readonly password: string;
  /** Told of errors that are no client's. */
  readonly report: (error: unknown) => void;
}

/** Who lets clients in. */
export interface Doorkeeper {
  /** The client has logged in and may use the broker. */
  opened(connection: Connection): void;
  /** Nothing is left of the connection but what its transport still closes. */
  ended(connection: Connection): void;
}

/**
 * - `header`, `start`, `tune`, `vhost`: the steps of the handshake, named after what is awaited
 * - `open`: in use
 * - `closing`: the server has closed and awaits CloseOk
 * - `closed`: nothing that comes matters any more
 */
export type Phase = "header" | "start" | "tune" | "vhost" | "open" | "closing" | "closed";

/** Input waits when this many times the unread limit is on its way out, as replies would pile up. */
const REPLY_FACTOR = 8;

/** ms a peer has to close its end after the closing handshake. */
const LINGER = 30_000;

/** ms a peer has to answer a close that it was sent, or before it is let go without one as its login failed. */
const CLOSE_DELAY = 3_000;

/** One client: its transport, its output, its channels. */
export class Connection implements Dirty, Peer {
  /** Resolves when nothing is left of it. */
  readonly done: Promise<void>;
  readonly out: Output;
  readonly channels = new Map<number, Channel>();
  readonly vhost: VirtualHost;
  readonly limits: Limits;
  readonly heart: Heart;
  /** Consumers that wait for the client to read what it was sent. */
  readonly waiting = new Waiting();
  phase: Phase = "header";
  frameMax: number;
  channelMax: number;
  user = "";
  /** What the client says it understands. */
  capabilities: ReadonlySet<string> = new Set();
  readonly #transport: Transport;
  readonly #input = new Input();
  readonly #confirming = new Set<Channel>();
  #willFlush = false;
  #inFlight = 0;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #paused = false;
  #blocked = false;
  #ended = false;

  constructor(conn: Deno.TcpConn, readonly shared: Shared, readonly doorkeeper: Doorkeeper) {
    this.vhost = shared.vhost;
    this.out = new Output(shared.buffers, () => this.#flushSoon());
    this.limits = shared.limits;
    this.channelMax = shared.limits.channels;
    this.frameMax = shared.vhost.profile.frameMin;
    this.heart = new Heart(this);
    this.within(shared.limits.handshake);
    this.#transport = new Transport(conn, shared.buffers, shared.report);
    this.done = this.#transport.start(this);
  }

  /** Whether deliveries may be added to what the client has not read yet. */
  readonly hasRoom = (): boolean => this.out.size + this.#inFlight < this.limits.unread;

  /** The channel has confirms to tell. */
  confirm(channel: Channel): void {
    this.#confirming.add(channel);
    this.#flushSoon();
  }

  flush(): void {
    for (const channel of this.#confirming) channel.flushConfirms();
    this.#confirming.clear();
    this.#willFlush = false;
    if (this.out.size === 0 || this.#ended) return;
    this.#inFlight += this.out.size;
    this.heart.sent();
    for (const { buffer, size } of this.out.take()) {
      this.#transport.write(buffer.subarray(0, size), () => this.#written(buffer, size));
    }
  }

  /** Drops the client unless the next step of the handshake comes within so many ms. */
  within(ms: number): void {
    clearTimeout(this.#deadline);
    if (!this.#ended) this.#deadline = setTimeout(() => this.end(), ms);
  }

  opened(): void {
    clearTimeout(this.#deadline);
    this.phase = "open";
    this.doorkeeper.opened(this);
  }

  /** A publish came: while memory or the disk is short, this client is not read any further. */
  publishing(): void {
    const { reason } = this.shared.alarms;
    if (reason === undefined || this.#blocked) return;
    this.#blocked = true;
    if (this.capabilities.has("connection.blocked")) {
      connectionBlocked(this.out, reason);
    }
  }

  /** There is enough of everything again. */
  unblock(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    if (this.capabilities.has("connection.blocked")) {
      bare(this.out, 0, Method.ConnectionUnblocked);
    }
    // Not at once: whoever has just made room is in the middle of its own work.
    setImmediate(() => this.#proceed());
  }

  /** Closes the connection for an error of the client's, or for the broker's own end. */
  fail(error: AmqpError, method = 0): void {
    this.endChannels();
    this.sayClose(error, method);
  }

  /** Tells the client that it is the end, and why; it should answer CloseOk. */
  sayClose(error: AmqpError, method: number): void {
    connectionClose(this.out, error, method);
    this.phase = "closing";
    this.within(LINGER);
  }

  /** The closing handshake is done: whatever still comes is discarded until the client hangs up. */
  farewell(): void {
    this.endChannels();
    this.phase = "closed";
    this.within(LINGER);
  }

  /** Sends what there is and hangs up. */
  hangUp(): void {
    this.phase = "closed";
    this.flush();
    this.#transport.end();
    this.within(LINGER);
  }

  /** Lets a client go whose login failed, after a while. */
  dropLater(): void {
    this.phase = "closed";
    this.within(CLOSE_DELAY);
  }

  endChannels(): void {
    const channels = [...this.channels.values()].filter(({ closing }) => !closing);
    // All consumers first: what one channel gives back must not go to another that is about to end.
    for (const channel of channels) channel.leave();
    for (const channel of channels) channel.end();
    this.channels.clear();
    this.vhost.deleteQueuesOf(this);
  }

  /** The client is gone, or has to go. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.phase = "closed";
    clearTimeout(this.#deadline);
    this.heart.stop();
    this.endChannels();
    this.#transport.close();
    this.doorkeeper.ended(this);
  }

  gone(): void {
    this.end();
  }

  finished(): void {
    this.within(LINGER);
  }

  receive(chunk: Buffer): void {
    this.heart.received();
    let at = 0;
    while (!this.#input.isEmpty && at < chunk.length && !this.#mustWait()) at = this.#complete(chunk, at);
    if (at < chunk.length && !this.#mustWait()) at += takeFrames(this, chunk.subarray(at), this.#mustWait);
    if (at < chunk.length && this.phase !== "closed") this.#input.add(chunk, at, chunk.length);
    this.#rest();
  }

  /** Goes on with a frame that began in an earlier chunk, without copying more than it lacks. */
  #complete(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#input.missing(this.phase === "header"));
    this.#input.add(chunk, at, end);
    this.#input.drop(takeFrames(this, this.#input.bytes, this.#mustWait));
    return end;
  }

  /** Everything that can be done now is done. */
  #rest(): void {
    if (!this.#mustWait() || this.#paused) return;
    this.#paused = true;
    this.heart.pause(true);
    this.#transport.pause();
  }

  /** Output leaves at the end of the current input, and the channels' confirms with it. */
  #flushSoon(): void {
    if (this.#willFlush) return;
    this.#willFlush = true;
    this.shared.flusher.add(this);
  }

  readonly #mustWait = (): boolean =>
    this.#blocked || this.out.size + this.#inFlight > REPLY_FACTOR * this.limits.unread;

  #written(buffer: Buffer, size: number): void {
    this.shared.buffers.give(buffer);
    this.#inFlight -= size;
    this.waiting.serve(this.hasRoom);
    if (this.phase === "closing" && this.out.size + this.#inFlight === 0) this.within(CLOSE_DELAY);
    this.#proceed();
  }

  /** Goes on reading after a pause. */
  #proceed(): void {
    if (!this.#paused || this.#ended || this.#mustWait()) return;
    this.#paused = false;
    this.heart.pause(false);
    this.#input.drop(takeFrames(this, this.#input.bytes, this.#mustWait));
    this.#rest();
    if (!this.#paused) this.#transport.resume();
  }
}
