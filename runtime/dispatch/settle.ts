import type { Declared } from "../core/declared.ts";
import { describeError } from "../core/errors.ts";
import type { Emit } from "../core/events.ts";
import type { Publisher, QueueDeclaration } from "../core/link.ts";
import { ConnectionLost } from "../core/link_errors.ts";
import { deadLetter, moveToDeadLetters } from "./dead_letter.ts";
import type { Result, Settlement } from "./decide.ts";
import { replyTo } from "./reply.ts";
import type { Run } from "./run.ts";

/** What settling takes. */
export interface SettleParts {
  readonly declared: Declared;
  readonly publisher: Publisher;
  /** Where messages go that failed for good. */
  readonly deadLetters: QueueDeclaration | undefined;
  readonly emit: Emit;
  /** Aborted when the runtime will wait no longer. */
  readonly stop: AbortSignal;
}

/** Does to a message what was decided, once. Never rejects. */
export async function settle(settlement: Settlement, run: Run, parts: SettleParts): Promise<void> {
  if (settlement.kind === "leave" || !run.claim()) return;
  switch (settlement.kind) {
    case "ack":
      return run.delivery.ack();
    case "reply":
      return await reply(settlement.result, run, parts);
    case "drop":
      run.delivery.ack();
      return parts.emit({ event: "dropped", ...about(run, parts, settlement.error) });
    case "dead-letter":
      return await bury(settlement.error, run, parts);
  }
}

async function bury(error: unknown, run: Run, parts: SettleParts): Promise<void> {
  const { declared, publisher, deadLetters, emit, stop } = parts;
  const { delivery, message, attempt } = run;
  if (deadLetters === undefined) return delivery.ack();
  const letter = deadLetter(delivery, message, deadLetters.name, {
    function: declared.name,
    attempts: attempt,
    error,
  });
  const onDelay = (cause: unknown) =>
    emit({
      event: "notice",
      message: `${declared.name}: a message waits to be dead-lettered: ${describeError(cause)}`,
    });
  const moved = await moveToDeadLetters(letter, delivery, deadLetters, publisher, stop, onDelay);
  if (moved) emit({ event: "dead-lettered", queue: deadLetters.name, ...about(run, parts, error) });
}

async function reply(result: Result, run: Run, parts: SettleParts): Promise<void> {
  const { delivery, message } = run;
  const { declared, publisher, emit } = parts;
  if (!message.replyTo) return delivery.ack();
  try {
    await publisher.publish(
      replyTo({ ...message, replyTo: message.replyTo }, result, declared.settings.codec),
    );
    delivery.ack();
  } catch (error) {
    // The caller may have been told, or not: the request goes back, as one whose connection was lost would.
    if (error instanceof ConnectionLost) delivery.requeue();
    else delivery.ack();
    emit({ event: "unanswered", ...about(run, parts, error) });
  }
}

function about(run: Run, { declared }: SettleParts, error: unknown) {
  return { function: declared.name, messageId: run.message.id, error: describeError(error) };
}
