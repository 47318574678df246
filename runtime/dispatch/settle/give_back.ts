import type { Delivery } from "../../core/ports/amqp.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import { retryLetter } from "./move.ts";
import type { Run } from "../delivery/run.ts";
import { causeOf, moveTo, type SettleParts } from "./settle.ts";
import type { MaybePromise } from "../delivery/maybe_promise.ts";

/*
 * A quorum queue counts how often a message came back to it, and drops or dead-letters it when that is too often. The
 * limit comes from an argument or a policy, or is 20 since RabbitMQ 4.0, and only the broker knows it. So when Hopper
 * itself gives a message back, it uses the broker's requeue only the first time. After that it moves the message through
 * a retry queue, and the count starts again.
 */

// How long it stays away: the reason why it could not run is not over at once.
const awayMs = 1000;

// Half of what RabbitMQ 4 allows, because lost connections and killed processes count too.
const maxReturns = 10;

// With a smaller limit, one requeue and one lost consumer may already be too many.
const leastLimit = 3;

const limit = "x-delivery-limit";

/** Gives a message back to its queue without a run, in a way that it is not dropped. Returns whether it was moved. */
export function giveBack(run: Run, parts: SettleParts): MaybePromise<boolean> {
  const { delivery, queue, attempt, crashes } = run;
  const { declared: { settings }, helpers } = parts;
  const byBroker = () => {
    delivery.requeue();
    return false;
  };
  if (!mayDropNext(delivery, settings)) return byBroker();
  const to = helpers.retry(queue, awayMs);
  const cause = { ...causeOf(run, parts, undefined), attempts: attempt - 1, crashes };
  const letter = retryLetter(run, to.name, awayMs, cause);
  const instead = () => Promise.resolve(byBroker());
  return moveTo(to, letter, run, parts, { onRefused: instead, onUnsendable: instead });
}

/**
 * Whether a message that has just arrived should be moved at once, because its queue may drop it after a few more
 * returns. If the function's own `arguments` set the limit, they ask for that.
 */
export function isNearLimit({ deliveredBefore }: Delivery, settings: Resolved): boolean {
  return deliveredBefore >= maxReturns && settings.arguments[limit] === undefined;
}

function mayDropNext({ deliveredBefore }: Delivery, settings: Resolved): boolean {
  const said = Number(settings.arguments[limit] ?? Infinity);
  if (said >= 0 && said < leastLimit) return true;
  return deliveredBefore > 0;
}
