import type { Buffer } from "node:buffer";
import { AmqpError } from "../errors.ts";
import type { Alarms } from "../alarms.ts";
import type { Limits } from "../limits.ts";
import { Frame, Method } from "../../amqp/method.ts";
import type { Buffers } from "../protocol/buffers.ts";
import type { Slab } from "../queue/slab.ts";
import type { Output } from "../../amqp/output.ts";
import { bare, connectionBlocked, connectionClose } from "../protocol/replies.ts";
import type { VirtualHost } from "../vhost/vhost.ts";
import type { Channel } from "./channel.ts";
import type { ChannelHost } from "./channel_host.ts";
import type { Dirty, Flusher } from "./flusher.ts";
import { Heart } from "./heart.ts";
import { Input } from "./input.ts";
import { Outgoing } from "./outgoing.ts";
import { Session } from "./session.ts";
import { type Peer, Transport } from "./transport.ts";
import { Waiting } from "./waiting.ts";

/** What a connection shares with all others. */
export interface Shared {
  readonly vhost: VirtualHost;
  readonly alarms: Alarms;
  readonly limits: Limits;
  readonly flusher: Flusher;
  readonly buffers: Buffers;
  /** Where the bytes of short messages are kept. */
  readonly slab: Slab;
  readonly user: string;
  readonly password: string;
  /** Told of errors that no client is to blame for. */
  readonly report: (error: unknown) => void;
}

/** What a connection needs of the server that accepted it. */
export interface ConnectionHost {
  /**
   * Acts on every whole frame in `bytes` and returns how many bytes these took; the rest is not enough for a frame yet.
   * Stops early when `mustWait` says so.
   */
  takeFrames(connection: Connection, bytes: Buffer, mustWait: () => boolean): number;
  /** The client has logged in and may use the broker. */
  opened(connection: Connection): void;
  /** The connection has ended; only its transport may still be closing. */
  ended(connection: Connection): void;
}

/** No more is read while this many times the unread limit waits to be sent, as replies would pile up. */
const maxUnreadFactor = 8;

/** How long a client has to close its end after the closing handshake. */
const lingerMs = 30_000;

/** How long a client has to answer a close, and how long one whose login failed is kept. */
const closeDelayMs = 3_000;

/** One client: its transport, its output, its channels, and its session. */
export class Connection implements ChannelHost, Peer {
  /** Resolves when nothing is left of it. */
  readonly done: Promise<void>;
  readonly out: Output;
  readonly vhost: VirtualHost;
  readonly limits: Limits;
  readonly slab: Slab;
  readonly session: Session;
  /** Consumers that wait until the client has read more of what it was sent. */
  readonly waiting = new Waiting();
  readonly #channels = new Map<number, Channel>();
  readonly #heart: Heart;
  readonly #transport: Transport;
  readonly #input = new Input();
  readonly #outgoing: Outgoing;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #isPaused = false;
  #isBlocked = false;
  #isEnded = false;

  constructor(conn: Deno.TcpConn, readonly shared: Shared, readonly host: ConnectionHost) {
    this.vhost = shared.vhost;
    this.#outgoing = new Outgoing(
      shared.buffers,
      shared.flusher,
      (bytes, sent) => this.#write(bytes, sent),
    );
    this.out = this.#outgoing.out;
    this.limits = shared.limits;
    this.slab = shared.slab;
    this.session = new Session(shared.limits.channels, shared.vhost.profile.frameMin);
    this.#heart = new Heart(() => this.#beat(), () => this.end());
    this.#endAfter(shared.limits.handshake);
    this.#transport = new Transport(conn, shared.buffers, shared.report);
    this.done = this.#transport.start(this);
  }

  /** By their numbers. */
  get channels(): ReadonlyMap<number, Channel> {
    return this.#channels;
  }

  /** Whether deliveries may be added to what the client has not read yet. */
  readonly hasRoom = (): boolean => this.#outgoing.size < this.limits.unread;

  channelOpened(channel: Channel): void {
    this.#channels.set(channel.id, channel);
  }

  channelClosed(id: number): void {
    this.#channels.delete(id);
  }

  confirmSoon(confirms: Dirty): void {
    this.#outgoing.confirmSoon(confirms);
  }

  /** Sends at once what there is. */
  flush(): void {
    this.#outgoing.flush();
  }

  /** Sends a heartbeat every so many seconds, and ends where the client sends none; 0 for never. */
  beatEvery(seconds: number): void {
    this.#heart.start(seconds);
  }

  /** The client has logged in and may use the broker. */
  opened(): void {
    clearTimeout(this.#deadline);
    this.session.opened();
    this.host.opened(this);
  }

  /** A publish has begun. While memory or the disk is short, no more is read from this client. */
  publishing(): void {
    const { reason } = this.shared.alarms;
    if (reason === undefined || this.#isBlocked) return;
    this.#isBlocked = true;
    if (this.session.capabilities.has("connection.blocked")) {
      connectionBlocked(this.out, reason);
    }
  }

  /** There is enough of everything again. */
  unblock(): void {
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    if (this.session.capabilities.has("connection.blocked")) {
      bare(this.out, 0, Method.ConnectionUnblocked);
    }
    // Not at once, as what has just made room is still at work.
    setImmediate(() => this.#proceed());
  }

  /** Closes the connection because of an error of the client's, or because the broker stops. */
  fail(error: AmqpError, method = 0): void {
    this.#endChannels();
    this.sayClose(error, method);
  }

  /** Tells the client why the connection closes. It has to answer CloseOk. */
  sayClose(error: AmqpError, method: number): void {
    connectionClose(this.out, error, method);
    this.session.closing();
    this.#endAfter(lingerMs);
  }

  /** The closing handshake is done: whatever still comes is ignored until the client hangs up. */
  closed(): void {
    this.#endChannels();
    this.session.closed();
    this.#endAfter(lingerMs);
  }

  /** Sends what there is and hangs up. */
  hangUp(): void {
    this.session.closed();
    this.flush();
    this.#transport.end();
    this.#endAfter(lingerMs);
  }

  /** Ends the connection of a client whose login failed, but not at once. */
  dropLater(): void {
    this.session.closed();
    this.#endAfter(closeDelayMs);
  }

  /** The client is gone, or has to go. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.session.closed();
    clearTimeout(this.#deadline);
    this.#heart.stop();
    this.#endChannels();
    this.#transport.close();
    this.host.ended(this);
  }

  gone(): void {
    this.end();
  }

  finished(): void {
    this.#endAfter(lingerMs);
  }

  receive(chunk: Buffer): void {
    this.#heart.received();
    let at = 0;
    while (!this.#input.isEmpty && at < chunk.length && !this.#mustWait()) at = this.#complete(chunk, at);
    if (at < chunk.length && !this.#mustWait()) {
      at += this.host.takeFrames(this, chunk.subarray(at), this.#mustWait);
    }
    if (at < chunk.length && this.session.phase !== "closed") this.#input.add(chunk, at, chunk.length);
    this.#rest();
  }

  /** Completes a frame that began in an earlier chunk; copies no more than the frame needs. */
  #complete(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#input.missing(this.session.phase === "header"));
    this.#input.add(chunk, at, end);
    this.#input.drop(this.host.takeFrames(this, this.#input.bytes, this.#mustWait));
    return end;
  }

  /** After the input: stops reading where the connection must wait. */
  #rest(): void {
    if (!this.#mustWait() || this.#isPaused) return;
    this.#isPaused = true;
    this.#heart.pause(true);
    this.#transport.pause();
  }

  readonly #mustWait = (): boolean =>
    this.#isBlocked || this.#outgoing.size > maxUnreadFactor * this.limits.unread;

  #write(bytes: Buffer, sent: () => void): void {
    this.#heart.sent();
    this.#transport.write(bytes, () => {
      sent();
      this.#written();
    });
  }

  #written(): void {
    this.waiting.serve(this.hasRoom);
    if (this.session.phase === "closing" && this.#outgoing.size === 0) this.#endAfter(closeDelayMs);
    this.#proceed();
  }

  /** Goes on reading after a pause. */
  #proceed(): void {
    if (!this.#isPaused || this.#isEnded || this.#mustWait()) return;
    this.#isPaused = false;
    this.#heart.pause(false);
    this.#input.drop(this.host.takeFrames(this, this.#input.bytes, this.#mustWait));
    this.#rest();
    if (!this.#isPaused) this.#transport.resume();
  }

  #endChannels(): void {
    const channels = [...this.#channels.values()].filter(({ isClosing }) => !isClosing);
    // First all consumers: what one channel gives back must not go to another that is about to end.
    for (const channel of channels) channel.leave();
    for (const channel of channels) channel.end();
    this.#channels.clear();
    this.vhost.deleteQueuesOf(this);
  }

  #beat(): void {
    this.out.frame(Frame.Heartbeat, 0).end();
    this.flush();
  }

  /** Ends the connection in so many ms, unless a later call sets another time. */
  #endAfter(ms: number): void {
    clearTimeout(this.#deadline);
    if (!this.#isEnded) this.#deadline = setTimeout(() => this.end(), ms);
  }
}
