/** An error a peer is told of: it closes the channel, or the whole connection when the protocol says so. */

const CODES = {
  connection_forced: [320, true],
  invalid_path: [402, true],
  access_refused: [403, false],
  not_found: [404, false],
  resource_locked: [405, false],
  precondition_failed: [406, false],
  frame_error: [501, true],
  syntax_error: [502, true],
  command_invalid: [503, true],
  channel_error: [504, true],
  unexpected_frame: [505, true],
  resource_error: [506, true],
  not_allowed: [530, true],
  not_implemented: [540, true],
  internal_error: [541, true],
} as const;

export type Condition = keyof typeof CODES;

const MAX_REPLY_TEXT = 255;

export class AmqpError extends Error {
  readonly code: number;
  /** Whether the connection, not only the channel, is closed. */
  readonly closesConnection: boolean;
  /** What the peer reads: `NOT_FOUND - no queue 'x' in vhost '/'`. */
  readonly replyText: string;

  /** @param method the method to blame, where it is not the one of the frame at hand; 0 for none */
  constructor(readonly condition: Condition, text: string, readonly method?: number) {
    super(text);
    [this.code, this.closesConnection] = CODES[condition];
    const full = text === "" ? condition.toUpperCase() : `${condition.toUpperCase()} - ${text}`;
    this.replyText = full.length > MAX_REPLY_TEXT ? full.slice(0, MAX_REPLY_TEXT - 3) + "..." : full;
  }
}

/** The port is in use, most often by RabbitMQ or by another embedded broker. */
export class PortTaken extends Error {
  /** `"PortTaken"` */
  override readonly name = "PortTaken";
  /** For programs that branch on it. */
  readonly code = "PORT_TAKEN";

  /** Says where, and how to go on. */
  constructor(readonly hostname: string, readonly port: number, options?: ErrorOptions) {
    super(
      `Cannot listen on '${hostname}:${port}': another program, perhaps a RabbitMQ, already does. ` +
        `Connect to it by its URL, or start this broker on another port (0 picks a free one)`,
      options,
    );
  }
}

/** Another broker, perhaps of another runtime, keeps its data in the same folder. */
export class DataInUse extends Error {
  override readonly name = "DataInUse";
  readonly code = "DATA_IN_USE";

  constructor(readonly path: string, options?: ErrorOptions) {
    super(
      `Cannot open the broker's data '${path}': another broker uses it; stop that one, or give this one a ` +
        "data folder of its own",
      options,
    );
  }
}

/** The disk takes nothing, or does again; the message says what, where and why. */
export class DiskTrouble extends Error {
  override readonly name = "DiskTrouble";
  readonly code = "DISK_TROUBLE";
}

/** How errors name a thing: `queue 'q' in vhost '/'`. */
export const queueNamed = (name: string): string => `queue '${name}' in vhost '/'`;
export const exchangeNamed = (name: string): string => `exchange '${name}' in vhost '/'`;

export const noQueue = (name: string): AmqpError => new AmqpError("not_found", `no ${queueNamed(name)}`);
export const noExchange = (name: string): AmqpError =>
  new AmqpError("not_found", `no ${exchangeNamed(name)}`);
