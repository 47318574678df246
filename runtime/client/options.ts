import type { CallOptions, SendOptions } from "../core/api/context.ts";
import { ArgumentError } from "../core/api/errors.ts";
import { shown } from "../core/text/shown.ts";
import { didYouMean } from "../core/text/suggest.ts";
import { requireShortString } from "./sendable.ts";

const sendOptions = namesOf<SendOptions>({
  headers: true,
  messageId: true,
  correlationId: true,
  contentType: true,
  priority: true,
  expiration: true,
  persistent: true,
  type: true,
  appId: true,
  userId: true,
  replyTo: true,
  contentEncoding: true,
  mandatory: true,
  delay: true,
  at: true,
  cancel: true,
});

const callOptions = namesOf<CallOptions>({ timeout: true, headers: true, contentType: true, signal: true });

const shortStrings = {
  messageId: "message id",
  correlationId: "correlation id",
  contentType: "content type",
  type: "type",
  appId: "app id",
  userId: "user id",
  replyTo: "reply address",
  contentEncoding: "content encoding",
} as const;

/** RabbitMQ's reply address for calls. On any other message it makes the broker close the channel. */
const directReplyTo = "amq.rabbitmq.reply-to";

/** Throws an `ArgumentError` for an unknown option of `send` or `publish`, or one the broker would refuse or change. */
export function requireSendOptions(options: Omit<SendOptions, "headers">): void {
  requireKnown(options, sendOptions, "send and publish");
  for (const name in shortStrings) {
    const value = options[name as keyof typeof shortStrings];
    if (value !== undefined) requireShortString(value, shortStrings[name as keyof typeof shortStrings]);
  }
  for (const name of ["persistent", "mandatory"] as const) {
    if (options[name] !== undefined && typeof options[name] !== "boolean") {
      throw new ArgumentError(`Option '${name}' is ${shown(options[name])}; expected true or false`);
    }
  }
  const { priority, replyTo } = options;
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= 0 && priority <= 255)) {
    throw new ArgumentError(`Option 'priority' is ${shown(priority)}; expected a whole number from 0 to 255`);
  }
  if (replyTo === directReplyTo) {
    throw new ArgumentError(
      `Option 'replyTo' is '${directReplyTo}', which is for calls: use call, or name a queue`,
    );
  }
}

/** Throws an `ArgumentError` for an unknown option of `call`. */
export function requireCallOptions(options: CallOptions): void {
  requireKnown(options, callOptions, "call");
}

function requireKnown(options: object, known: readonly string[], who: string): void {
  if (typeof options !== "object" || options === null) {
    throw new ArgumentError(`The options are ${shown(options)}; expected an object`);
  }
  for (const name in options) {
    if (known.includes(name)) continue;
    const takes = `${who} ${who === "call" ? "takes" : "take"} ${known.join(", ")}`;
    throw new ArgumentError(`Unknown option '${name}'${didYouMean(name, known)}; ${takes}`);
  }
}

// The type makes sure that no option is missing from the list.
function namesOf<Options>(names: Record<keyof Options, true>): readonly string[] {
  return Object.keys(names);
}
