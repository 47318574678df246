import { HopperError } from "../api/errors.ts";

/** What a program can do if it does not matter that no queue takes the message. */
const unheardAdvice = "if no queue needs to take it, publish with { mandatory: false }";

/** No queue took the message. */
export class Unroutable extends HopperError {
  /** `exchange` and `routingKey` are those of the message; `advice` says how to make this no error. */
  constructor(readonly exchange: string, readonly routingKey: string, advice: string = unheardAdvice) {
    super(
      "UNROUTABLE",
      exchange === ""
        ? `No queue '${routingKey}': nothing was sent; start the function that declares it, or check the name`
        : `No queue is bound to exchange '${exchange}' for key '${routingKey}': the message was returned; ${advice}`,
    );
  }
}

/** The exchange does not exist. */
export class NoSuchExchange extends HopperError {
  /** `exchange` is its name; `advice` says how to make this no error. */
  constructor(readonly exchange: string, advice: string = unheardAdvice) {
    super(
      "NO_SUCH_EXCHANGE",
      `No exchange '${exchange}': start the function that declares it, or check the name; ${advice}`,
    );
  }
}

/** Nobody serves the RPC: its queue does not exist, or has no consumer. */
export class NoSuchFunction extends HopperError {
  /** `rpcName` is the name that was called. With `waits`, the queue exists and the request waits in it. */
  constructor(readonly rpcName: string, waits?: "waits") {
    super(
      "NO_SUCH_FUNCTION",
      waits
        ? `No one serves rpc '${rpcName}' now: its queue exists, but has no consumer; start the function that ` +
          "declares it"
        : `No one serves rpc '${rpcName}': start the function that declares it, or check the name`,
    );
  }
}

/** No reply came within the call's `timeout`. */
export class CallTimeout extends HopperError {
  /** `ms` is how long the caller waited. */
  constructor(readonly rpcName: string, readonly ms: number) {
    super("CALL_TIMEOUT", `rpc '${rpcName}' sent no reply within ${ms} ms`);
  }
}

/** The connection was lost before the outcome was known. */
export class ConnectionLost extends HopperError {
  /** `doing` says what was in progress, and completes the sentence. */
  constructor(doing: string, cause?: unknown) {
    super("CONNECTION_LOST", `The connection to the broker was lost while ${doing}`, { cause });
  }
}

/** The broker refused a message, or too many messages wait to be confirmed. */
export class PublishFailed extends HopperError {
  /** `why` completes the sentence. `unsure`: the broker may have refused another message that was sent with it. */
  constructor(exchange: string, routingKey: string, why: string, readonly unsure: boolean = false) {
    super("PUBLISH_FAILED", `Publishing to exchange '${exchange}' with key '${routingKey}' failed: ${why}`);
  }
}

/** The body is larger than the broker's `max_message_size`. */
export class MessageTooLarge extends PublishFailed {
  /** `size` and `limit` are bytes; the limit is the broker's `max_message_size`. */
  constructor(exchange: string, routingKey: string, readonly size: number, readonly limit: number) {
    const why = `its body has ${size} bytes and this broker takes ${limit} at most (its max_message_size); ` +
      "send it in parts, or store it elsewhere and send its address";
    super(exchange, routingKey, why);
  }
}

/** The broker takes no messages for now: its memory or disk alarm is on. */
export class BrokerBlocked extends HopperError {
  /** `reason` is the broker's, such as `low on memory`. `sent`: the message had been sent by then. */
  constructor(readonly reason: string, readonly sent: boolean = false) {
    super(
      "BROKER_BLOCKED",
      sent
        ? `The broker stopped taking messages (${reason}) after this one was sent: it may still take it`
        : `The broker takes no messages now (${reason}); try again once its alarm is over`,
    );
  }
}

/** AMQP cannot carry the message, for example because its headers do not fit a frame, or brokers end connections over it. */
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

/** The broker closed a channel or connection and said why. `replyCode` is AMQP's, such as 406. */
export class BrokerError extends HopperError {
  /** `replyText` is the broker's own text, such as `NOT_FOUND - no queue 'x' in vhost '/'`. */
  constructor(readonly replyCode: number, readonly replyText: string, options?: ErrorOptions) {
    super("BROKER_ERROR", `${replyCode} ${replyText}`, options);
  }
}
