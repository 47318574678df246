import { AmqpError, queueNamed } from "../errors.ts";
import { type Field, isInteger, type Table } from "../../amqp/table.ts";
import type { Profile } from "../profile.ts";

export type Overflow = "drop-head" | "reject-publish" | "reject-publish-dlx";

/** What the arguments of a queue mean. Numbers are undefined where there is no limit. */
export interface QueueSettings {
  readonly type: "classic" | "quorum" | "stream";
  /** Milliseconds that a message may wait. */
  readonly messageTtl?: number;
  /** Milliseconds that the queue may go unused. */
  readonly expires?: number;
  readonly maxLength?: number;
  readonly maxBytes?: number;
  /** Milliseconds that a stream keeps a message at least. */
  readonly maxAge?: number;
  /** Bytes of a stream that are forgotten together. */
  readonly segmentBytes?: number;
  readonly overflow: Overflow;
  readonly deadLetterExchange?: string;
  readonly deadLetterKey?: string;
  readonly maxPriority: number;
  readonly singleActiveConsumer: boolean;
  /** How many deliveries of a message may fail before it is dead-lettered. */
  readonly deliveryLimit?: number;
  /** Whether a returned message goes to the end of the queue, and not to its old place. */
  readonly returnsToEnd: boolean;
}

/** Returns why the argument is wrong, as an Erlang term in the words of RabbitMQ; undefined where it is not. */
type Check = (field: Field, args: Table, profile: Profile) => string | undefined;

const maxTtlMs = 0xffffffff;
const maxSegmentBytes = 3_000_000_000;

const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  D: 86_400_000,
  M: 30 * 86_400_000,
  Y: 365 * 86_400_000,
};

/** An age such as `7D` in milliseconds; undefined for text that is none. */
export function maxAgeMs(text: string): number | undefined {
  const [, count, unit] = /^(\d+)([smhDMY])$/.exec(text) ?? [];
  return unit === undefined ? undefined : Number(count) * unitMs[unit]!;
}
const highestPriority = 255;

type SimpleCheck = (field: Field, args: Table) => string | undefined;

const integer: SimpleCheck = (field) =>
  isInteger(field) ? undefined : `"expected integer, got ${field.type}"`;

const notNegative: SimpleCheck = (field, args) =>
  integer(field, args) ?? (Number(field.value) < 0 ? `{value_negative,${field.value}}` : undefined);

const ttl: SimpleCheck = (field, args) =>
  integer(field, args) ??
    (Number(field.value) > maxTtlMs ? `{value_too_large,${field.value}}` : notNegative(field, args));

const expires: Check = (field, args) =>
  integer(field, args) ?? (Number(field.value) === 0 ? "{value_zero,0}" : ttl(field, args));

const maxPriority: Check = (field, args) =>
  notNegative(field, args) ??
    (Number(field.value) > highestPriority ? `{max_value_exceeded,${field.value}}` : undefined);

const groupSize: Check = (field, args) =>
  notNegative(field, args) ?? (Number(field.value) === 0 ? "{value_zero,0}" : undefined);

const text = (reason: string, allowed?: readonly string[]): Check => (field) => {
  if (field.type !== "longstr") return `{unacceptable_type,${field.type}}`;
  return allowed && !allowed.includes(field.value) ? reason : undefined;
};

const maxAge: Check = (field) => {
  if (field.type !== "longstr") return `{unacceptable_type,${field.type}}`;
  return maxAgeMs(field.value) === undefined ? "invalid_max_age" : undefined;
};

const deadLetterKey: Check = (field, args) => {
  if (field.type !== "longstr") return `{unacceptable_type,${field.type}}`;
  return args.has("x-dead-letter-exchange") ? undefined : "routing_key_but_no_dlx_defined";
};

const queueMode: Check = (field) => {
  if (field.type !== "longstr") return `{unacceptable_type,${field.type}}`;
  return ["default", "lazy"].includes(field.value) ? undefined : `"unsupported queue mode '${field.value}'"`;
};

const queueVersion: Check = (field, args, { arguments: { queueVersions } }) =>
  notNegative(field, args) ??
    (queueVersions.includes(Number(field.value))
      ? undefined
      : `"unsupported queue version '${field.value}'"`);

/** Where queues have a limit by default, a number below 0 means that there is none. */
const deliveryLimit: Check = (field, args, { quorum }) =>
  quorum.deliveryLimit === undefined ? notNegative(field, args) : integer(field, args);

const queueType: Check = (field) => {
  if (field.type !== "longstr") return `{unacceptable_type,${field.type}}`;
  return ["classic", "quorum", "stream"].includes(field.value)
    ? undefined
    : `"unsupported queue type '${field.value}'"`;
};

const bool: Check = (field) => field.type === "bool" ? undefined : `{unacceptable_type,${field.type}}`;

/** In the order in which they are checked: the client is told of the first wrong argument. */
const checks: readonly (readonly [string, Check])[] = [
  ["x-expires", expires],
  ["x-message-ttl", ttl],
  ["x-dead-letter-routing-key", deadLetterKey],
  ["x-dead-letter-strategy", text("invalid_dlx_strategy", ["at-most-once", "at-least-once"])],
  ["x-max-length", notNegative],
  ["x-max-length-bytes", notNegative],
  ["x-max-in-memory-length", notNegative],
  ["x-max-in-memory-bytes", notNegative],
  ["x-max-priority", maxPriority],
  ["x-overflow", text("invalid_overflow", ["drop-head", "reject-publish", "reject-publish-dlx"])],
  ["x-queue-mode", queueMode],
  ["x-queue-version", queueVersion],
  ["x-single-active-consumer", bool],
  ["x-delivery-limit", deliveryLimit],
  ["x-quorum-initial-group-size", groupSize],
  [
    "x-queue-leader-locator",
    text("invalid_queue_locator_arg", ["client-local", "balanced", "least-leaders"]),
  ],
  ["x-max-age", maxAge],
  ["x-stream-max-segment-size-bytes", notNegative],
  ["x-initial-cluster-size", groupSize],
];

/** Arguments that only one type of queue has; the others refuse them. */
const onlyQuorum = [
  "x-dead-letter-strategy",
  "x-max-in-memory-length",
  "x-max-in-memory-bytes",
  "x-delivery-limit",
  "x-quorum-initial-group-size",
  "x-queue-leader-locator",
];
const onlyClassic = ["x-max-priority", "x-queue-mode", "x-queue-version", "x-queue-master-locator"];
const onlyStream = [
  "x-max-age",
  "x-stream-max-segment-size-bytes",
  "x-initial-cluster-size",
];
/** All that a stream has; it refuses the others. */
const ofStream = ["x-max-length-bytes", "x-queue-leader-locator", ...onlyStream];

/** The arguments in which a second declaration must agree with the first. */
export const comparedArguments = [
  ...checks.map(([name]) => name).toSpliced(2, 0, "x-dead-letter-exchange"),
  "x-queue-master-locator",
  "x-queue-type",
];

interface Declaration {
  name: string;
  durable: boolean;
  exclusive: boolean;
  autoDelete: boolean;
  args: Table;
}

/** Checks the arguments of a declaration and returns what they mean. Throws 406 in the words of RabbitMQ. */
export function parseArguments(queue: Declaration, profile: Profile): QueueSettings {
  const { name, args } = queue;
  const refuse = (text: string) => new AmqpError("precondition_failed", text);
  const check = (arg: string, wrong: Check) => {
    const field = args.get(arg);
    const reason = field && wrong(field, args, profile);
    if (reason) throw refuse(`invalid arg '${arg}' for ${queueNamed(name)}: ${reason}`);
  };
  const exchange = args.get("x-dead-letter-exchange");
  if (exchange && exchange.type !== "longstr") {
    throw refuse(`invalid type '${exchange.type}' for arg 'x-dead-letter-exchange' in ${queueNamed(name)}`);
  }
  check("x-queue-type", queueType);
  const type = typeOf(args);
  const { ignored, denied, locatesClassic } = profile.arguments;
  const isLocator = (arg: string) => arg === "x-queue-leader-locator" && locatesClassic;
  const foreign = foreignTo(type).filter((arg) => !isLocator(arg));
  for (const [arg, wrong] of checks) {
    if (!foreign.includes(arg) && !ignored.includes(arg)) check(arg, wrong);
  }
  for (const arg of foreign) {
    if (!args.has(arg)) continue;
    throw refuse(`invalid arg '${arg}' for ${queueNamed(name)} of queue type rabbit_${type}_queue`);
  }
  for (const [arg, feature] of Object.entries(denied)) if (args.has(arg)) throw notPermitted(feature);
  if (Number(args.get("x-stream-max-segment-size-bytes")?.value ?? 0) > maxSegmentBytes) {
    throw refuse("Exceeded max value for x-stream-max-segment-size-bytes");
  }
  if (type !== "classic") {
    if (queue.autoDelete) throw refuse(`invalid property 'auto-delete' for ${queueNamed(name)}`);
    if (queue.exclusive) throw refuse(`invalid property 'exclusive-owner' for ${queueNamed(name)}`);
    if (!queue.durable) throw refuse(`invalid property 'non-durable' for ${queueNamed(name)}`);
  }
  return settingsOf(args, profile);
}

function typeOf(args: Table): QueueSettings["type"] {
  const type = args.get("x-queue-type")?.value;
  return type === "quorum" || type === "stream" ? type : "classic";
}

/** The arguments that a type of queue refuses. */
function foreignTo(type: QueueSettings["type"]): string[] {
  if (type !== "stream") return [...(type === "quorum" ? onlyClassic : onlyQuorum), ...onlyStream];
  const known = [...comparedArguments.filter((arg) => arg !== "x-queue-type"), ...onlyClassic];
  return [...new Set(known)].filter((arg) => !ofStream.includes(arg));
}

/** What arguments mean that were checked before. */
export function settingsOf(args: Table, { quorum }: Profile): QueueSettings {
  const type = typeOf(args);
  const number = (arg: string) => args.has(arg) ? Number(args.get(arg)!.value) : undefined;
  const string = (arg: string) => args.get(arg)?.value as string | undefined;
  const limit = type === "quorum" ? number("x-delivery-limit") ?? quorum.deliveryLimit : undefined;
  // A number below 0 means that there is none.
  const deliveryLimit = limit !== undefined && limit < 0 ? undefined : limit;
  return {
    type,
    messageTtl: number("x-message-ttl"),
    expires: number("x-expires"),
    maxLength: number("x-max-length"),
    maxBytes: number("x-max-length-bytes"),
    maxAge: maxAgeMs(string("x-max-age") ?? ""),
    segmentBytes: number("x-stream-max-segment-size-bytes"),
    overflow: (string("x-overflow") ?? "drop-head") as Overflow,
    deadLetterExchange: string("x-dead-letter-exchange"),
    deadLetterKey: string("x-dead-letter-routing-key"),
    maxPriority: number("x-max-priority") ?? 0,
    singleActiveConsumer: args.get("x-single-active-consumer")?.value === true,
    deliveryLimit,
    returnsToEnd: type === "quorum" && deliveryLimit === undefined && !quorum.keepsPlace,
  };
}

/** What RabbitMQ answers to a feature that it does not permit any more. */
function notPermitted(feature: string): AmqpError {
  return new AmqpError(
    "internal_error",
    `Feature \`${feature}\` is deprecated.\n` +
      "By default, this feature is not permitted anymore.\n" +
      "The feature will be removed from a future major RabbitMQ version, regardless of the configuration; " +
      "actual version to be determined.\n" +
      "To continue using this feature when it is not permitted by default, set the following parameter in your " +
      `configuration:\n    "deprecated_features.permit.${feature} = true"`,
  );
}
