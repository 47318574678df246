import type { Declared } from "../../core/declared.ts";
import { describeError, RpcError, stackOf } from "../../core/api/errors.ts";
import type { Emit } from "../../core/ports/events.ts";
import type { HelperQueue, Outgoing, Publisher } from "../../core/ports/amqp.ts";
import { ConnectionLost, MessageTooLarge, PublishFailed, Unsendable } from "../../core/ports/amqp_errors.ts";
import { ownLine } from "../../core/text/own_line.ts";
import { retryExpiration, retryStep } from "../../core/settings/retry.ts";
import type { Result, Settlement } from "./decide.ts";
import { leftOf } from "../delivery/expiry.ts";
import type { HelperQueues } from "./helper_queues.ts";
import type { HelperRefused } from "./helper_refused.ts";
import {
  type Cause,
  deadLetter,
  type Move,
  move,
  retryLetter,
  shardLetter,
  suspectLetter,
  withoutHeaders,
} from "./move.ts";
import { maxHereMs } from "../delivery/hold_limit.ts";
import { replyTo } from "./reply.ts";
import { shardOf } from "./shard_of.ts";
import type { Run } from "../delivery/run.ts";

/** What is needed to settle a message. */
export interface SettleParts {
  readonly declared: Declared;
  /** For an rpc's replies. It is separate because callers choose the addresses. */
  readonly replies: Publisher;
  readonly queues: HelperQueues;
  readonly helpers: {
    readonly deadLetters: HelperQueue | undefined;
    retry(queue: string, ms: number, priority?: number): HelperQueue;
    suspects(queue: string): HelperQueue;
    readonly shards: readonly HelperQueue[];
  };
  /** Called for a message that failed for good, before it is moved or rejected. Never rejects. */
  readonly onExhausted?: (run: Run, error: unknown) => Promise<void>;
  /** Called when a message has been moved to the queue of suspects. */
  readonly onSuspect: () => void;
  readonly emit: Emit;
  /** Aborts when the runtime stops and waits no longer. */
  readonly stop: AbortSignal;
}

/**
 * Does what was decided about a message, once. Returns whether the broker got it: if not, the message is still in the
 * queue, and will be delivered again. Never rejects.
 */
export function settle(settlement: Settlement, run: Run, parts: SettleParts): boolean | Promise<boolean> {
  if (settlement.kind === "leave") return false;
  if (!run.claim()) return true;
  switch (settlement.kind) {
    case "ack":
      return ack(run);
    case "reply":
      return reply(settlement.result, run, parts);
    case "expire":
      return reject(run);
    case "retry":
      return retry(settlement, run, parts);
    case "reject":
    case "dead-letter":
      return bury(settlement.error, run, parts);
    case "set-aside":
      return setAside(settlement.crashes, run, parts);
    case "route":
      return route(settlement.key, run, parts);
    case "requeue":
      return run.giveBack();
  }
}

function ack({ delivery }: Run): boolean {
  const { open } = delivery;
  delivery.ack();
  return open;
}

// Without a dead-letter exchange of the queue the broker drops the message, as `deadLetter: false` asks for.
function reject({ delivery }: Run): boolean {
  const { open } = delivery;
  delivery.reject();
  return open;
}

async function retry(
  settlement: Settlement & { readonly kind: "retry" },
  run: Run,
  parts: SettleParts,
): Promise<boolean> {
  const { helpers, emit } = parts;
  const { error, crashed } = settlement;
  const { step, wait, isLast } = waitFor(settlement, run);
  const to = helpers.retry(run.queue, step, run.message.priority);
  const letter = retryLetter(run, to.name, wait, {
    ...causeOf(run, parts, error),
    crashes: crashed ? run.crashes + 1 : run.crashes,
  });
  let buried = false;
  const buryInstead = (why: HelperRefused | Unsendable) => {
    buried = true;
    emit({ event: "notice", message: `${parts.declared.name}: ${why.message}` });
    const reason = `${describeError(error)} (not run again: ${why.message})`;
    return bury(reason, run, parts, why instanceof Unsendable);
  };
  const moved = await moveTo(to, letter, run, parts, {
    onRefused: helpers.deadLetters && buryInstead,
    onUnsendable: buryInstead,
  });
  if (moved && !buried && !isLast) {
    emit({ event: "retrying", attempt: run.attempt, retryMs: wait, ...about(run, parts, error) });
  }
  return moved;
}

async function setAside(crashes: number, run: Run, parts: SettleParts): Promise<boolean> {
  const to = parts.helpers.suspects(run.queue);
  const letter = suspectLetter(run, to.name, newToken(), crashes, run.attempt - 1, run.expiry);
  const onUnsendable = (error: unknown) => bury(error, run, parts, true).then(() => false);
  const moved = await moveTo(to, letter, run, parts, { onUnsendable });
  if (moved) parts.onSuspect();
  return moved;
}

/** Moves a message to the shard of its key. One without a key may be in any. */
function route(key: string | undefined, run: Run, parts: SettleParts): Promise<boolean> {
  const { helpers: { shards } } = parts;
  const to = shards[shardOf(key ?? run.message.id, shards.length)]!;
  const cause = { ...causeOf(run, parts, undefined), attempts: run.attempt - 1, crashes: run.crashes };
  const onUnsendable = (error: unknown) => bury(error, run, parts, true).then(() => false);
  return moveTo(to, shardLetter(run, to.name, key, cause), run, parts, { onUnsendable });
}

/** A new token for a suspect: for this message, and only for this move of it. */
function newToken(): string {
  return crypto.randomUUID().slice(0, 8);
}

/** How long a message waits, and in which queue. If it expires before that, it waits only until then (`isLast`). */
function waitFor(
  { step, ms, jitter }: Settlement & { readonly kind: "retry" },
  { expiry }: Run,
): { readonly step: number; readonly wait: number; readonly isLast: boolean } {
  const wait = retryExpiration(ms, jitter);
  const left = expiry === undefined ? Infinity : leftOf(expiry);
  return wait < left
    ? { step, wait, isLast: false }
    : { step: Math.min(step, retryStep(left)), wait: left, isLast: true };
}

/**
 * Moves a run's message to the dead letters, or rejects it if the function has none. With `alone` it is sent on a
 * separate connection, because the broker may have ended others over it.
 */
async function bury(
  error: unknown,
  run: Run,
  parts: SettleParts,
  alone: boolean = false,
): Promise<boolean> {
  const { helpers: { deadLetters: to }, emit } = parts;
  await parts.onExhausted?.(run, error);
  if (to === undefined) {
    emit({ event: "dropped", ...about(run, parts, error) });
    return reject(run);
  }
  const letter = { ...deadLetter(run, to.name, causeOf(run, parts, error)), alone };
  const onUnsendable = (error: Unsendable) => {
    const { id } = run.message;
    const message =
      `${parts.declared.name}: ${id} is moved to ${to.name} without its headers: ${error.message}`;
    emit({ event: "notice", message });
    return withoutHeaders(letter, error);
  };
  const moved = await moveTo(to, letter, run, parts, { onUnsendable });
  if (moved) emit({ event: "dead-lettered", queue: to.name, ...about(run, parts, error) });
  return moved;
}

/** Moves a run's message to a helper queue. Returns whether it was moved. */
export function moveTo(
  to: HelperQueue,
  letter: Outgoing,
  run: Run,
  parts: SettleParts,
  otherwise: Pick<Move, "onRefused" | "onUnsendable"> & Partial<Pick<Move, "source" | "until">>,
): Promise<boolean> {
  const { declared: { name, settings }, queues, stop, emit } = parts;
  const onDelay = (cause: unknown) =>
    emit({
      event: "notice",
      message: `${name}: a message waits to be moved to ${to.name}: ${describeError(cause)}`,
    });
  const until = run.arrivedAt + maxHereMs(settings);
  return move({ letter, source: run.delivery, to, queues, until, stop, onDelay, ...otherwise });
}

async function reply(result: Result, run: Run, parts: SettleParts): Promise<boolean> {
  const { delivery, message } = run;
  const { replies, emit } = parts;
  if (!message.replyTo) return ack(run);
  try {
    const answer = replyTo(message.replyTo, message.correlationId, result, parts.declared.bounds);
    await replies.publish({ ...answer, came: delivery.encoded });
    return ack(run);
  } catch (error) {
    emit({ event: "unanswered", ...about(run, parts, error) });
    const isUnsure = error instanceof ConnectionLost || error instanceof PublishFailed && error.unsure;
    if (error instanceof MessageTooLarge && !("error" in result)) {
      return await reply({ error: replyTooLarge(error) }, run, parts);
    }
    if (!isUnsure) return ack(run);
    // Nobody knows whether the caller got the reply, so the request goes back to its queue and is run again.
    return await run.giveBack();
  }
}

function replyTooLarge({ size, limit }: MessageTooLarge): RpcError {
  const detail = `The reply has ${size} bytes and the broker takes at most ${limit}`;
  return new RpcError("REPLY_TOO_LARGE", { detail, data: { size, limit } });
}

/** Why a run's message is moved. */
export function causeOf(run: Run, { declared }: SettleParts, error: unknown): Cause {
  const { name, settings: { exclusive } } = declared;
  const { attempt: attempts, expiry } = run;
  return { function: name, attempts, error, at: lineOf(error, declared), exclusive, expiry };
}

/** The line of the user's files where an error was thrown. */
export function lineOf(error: unknown, { bounds: { folder, cwd } }: Declared): string | undefined {
  return ownLine(stackOf(error), folder, cwd);
}

/** Which message an event of its settlement is about. */
export function about(run: Run, { declared }: SettleParts, error: unknown) {
  return { function: declared.name, messageId: run.message.id, run, error: describeError(error) };
}
