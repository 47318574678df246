/** The codes of AMQP, and whether the error closes the connection and not only the channel. */
const codes = {
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

export type Condition = keyof typeof codes;

const maxReplyText = 255;

/** An error that a client is told of. It closes the channel, or the whole connection where the protocol says so. */
export class AmqpError extends Error {
  readonly code: number;
  /** Whether it closes the connection, and not only the channel. */
  readonly closesConnection: boolean;
  /** What the client reads: `NOT_FOUND - no queue 'x' in vhost '/'`. */
  readonly replyText: string;

  /** @param method the method to blame, where it is not that of the current frame; 0 for none */
  constructor(readonly condition: Condition, text: string, readonly method?: number) {
    super(text);
    [this.code, this.closesConnection] = codes[condition];
    const full = text === "" ? condition.toUpperCase() : `${condition.toUpperCase()} - ${text}`;
    this.replyText = full.length > maxReplyText ? full.slice(0, maxReplyText - 3) + "..." : full;
  }
}

/** Another program listens on the port, most often a RabbitMQ or another embedded broker. */
export class PortTaken extends Error {
  /** `"PortTaken"` */
  override readonly name = "PortTaken";
  /** For programs that branch on it. */
  readonly code = "PORT_TAKEN";

  /** Says where, and what to do instead. */
  constructor(readonly hostname: string, readonly port: number, options?: ErrorOptions) {
    super(
      `Cannot listen on '${hostname}:${port}': another program, perhaps a RabbitMQ, already does. ` +
        `Connect to it by its URL, or start this broker on another port (0 picks a free one)`,
      options,
    );
  }
}

/** Another broker, perhaps that of another runtime, keeps its data in the same folder. */
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

/** The disk refuses to store something, or stores everything again; the message says what, where and why. */
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

/** What a stream does not do, by what it is called in errors. */
export const notOnStreams = (what: string, { name }: { readonly name: string }): AmqpError =>
  new AmqpError("not_implemented", `${what} not supported by stream queues ${queueNamed(name)}`);
