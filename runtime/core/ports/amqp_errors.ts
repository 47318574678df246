import { HopperError } from "../api/errors.ts";

/** How an event that nobody hears is no error, to whoever publishes from a program of its own. */
const unheardAdvice = "where nobody has to hear it, publish with { mandatory: false }";

/** A message reached the exchange, but no queue took it. */
export class Unroutable extends HopperError {
  /** `exchange` and `routingKey` are what the message was published with; `advice` how that may be no error. */
  constructor(readonly exchange: string, readonly routingKey: string, advice: string = unheardAdvice) {
    super(
      "UNROUTABLE",
      exchange === ""
        ? `No queue '${routingKey}': nothing was sent; start the function that declares it, or check the name`
        : `No queue is bound to exchange '${exchange}' for key '${routingKey}': the message was returned; ${advice}`,
    );
  }
}

/** A message was published to an exchange that does not exist. */
export class NoSuchExchange extends HopperError {
  /** `exchange` is the name it was published to; `advice` how that may be no error. */
  constructor(readonly exchange: string, advice: string = unheardAdvice) {
    super(
      "NO_SUCH_EXCHANGE",
      `No exchange '${exchange}': start the function that declares it, or check the name; ${advice}`,
    );
  }
}

/** `call` named an RPC whose queue does not exist, or exists and has no consumer. */
export class NoSuchFunction extends HopperError {
  /** `rpcName` is the name that was called; the request `waits` where the queue is there. */
  constructor(readonly rpcName: string, waits?: "waits") {
    super(
      "NO_SUCH_FUNCTION",
      waits
        ? `No one serves rpc '${rpcName}' now: its queue is there and nobody consumes it; start the function that ` +
          "declares it"
        : `No one serves rpc '${rpcName}': start the function that declares it, or check the name`,
    );
  }
}

/** No reply came within the time the caller gave. */
export class CallTimeout extends HopperError {
  /** `ms` is how long the caller waited. */
  constructor(readonly rpcName: string, readonly ms: number) {
    super("CALL_TIMEOUT", `rpc '${rpcName}' sent no reply within ${ms} ms`);
  }
}

/** The connection went away before the outcome was known. */
export class ConnectionLost extends HopperError {
  /** `doing` says what was under way. */
  constructor(doing: string, cause?: unknown) {
    super("CONNECTION_LOST", `The connection to the broker was lost while ${doing}`, { cause });
  }
}

/** The broker refused a message, or more are unconfirmed than may be. */
export class PublishFailed extends HopperError {
  /** `why` completes the sentence; `unsure` whether the broker may have refused another that was sent beside it. */
  constructor(exchange: string, routingKey: string, why: string, readonly unsure: boolean = false) {
    super("PUBLISH_FAILED", `Publishing to exchange '${exchange}' with key '${routingKey}' failed: ${why}`);
  }
}

/** A body is larger than the broker takes. */
export class MessageTooLarge extends PublishFailed {
  /** `size` and `limit` are bytes; the limit is the broker's `max_message_size`. */
  constructor(exchange: string, routingKey: string, readonly size: number, readonly limit: number) {
    const why = `its body has ${size} bytes and this broker takes ${limit} at most (its max_message_size); ` +
      "send it in parts, or send where it lies";
    super(exchange, routingKey, why);
  }
}

/** The broker takes no messages for now: its memory or disk alarm is on. */
export class BrokerBlocked extends HopperError {
  /** `reason` is the broker's, such as `low on memory`; `sent` whether the message was under way by then. */
  constructor(readonly reason: string, readonly sent: boolean = false) {
    super(
      "BROKER_BLOCKED",
      sent
        ? `The broker stopped taking messages (${reason}) while this one was under way: it may take it still`
        : `The broker takes no messages now (${reason}); try again once its alarm is over`,
    );
  }
}

/** A message that AMQP cannot carry, such as one with more headers than a frame holds, or that a broker ends connections over. */
export class Unsendable extends HopperError {
  /** `why` completes the sentence. */
  constructor(exchange: string, routingKey: string, why: string, options?: ErrorOptions) {
    super(
      "UNSENDABLE",
      `The message to exchange '${exchange}' with key '${routingKey}' cannot be sent: ${why}`,
      options,
    );
  }
}

/** The broker closed a channel or connection and said why: `code` is AMQP's reply code, such as 406. */
export class BrokerError extends HopperError {
  /** `replyText` is the broker's own text, such as `NOT_FOUND - no queue 'x' in vhost '/'`. */
  constructor(readonly replyCode: number, readonly replyText: string, options?: ErrorOptions) {
    super("BROKER_ERROR", `${replyCode} ${replyText}`, options);
  }
}
