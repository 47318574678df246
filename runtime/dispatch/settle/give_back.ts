import type { Delivery } from "../../core/ports/amqp.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import { retryLetter } from "./move.ts";
import type { Run } from "../delivery/run.ts";
import { causeOf, moveTo, type SettleParts } from "./settle.ts";
import type { MaybePromise } from "../delivery/maybe_promise.ts";

/*
 * A quorum queue counts how often a message came back to it, and drops or dead-letters one that did so too often: by
 * an argument or a policy, and from RabbitMQ 4.0 on after 20 times where neither says otherwise. Nobody but the broker
 * knows the limit. So what Hopper gives back on its own account goes back by the broker the first time only; after
 * that it is moved, by way of a retry queue, and its count begins anew.
 */

// How long it stays away: whatever it could not be run for is not over at once.
const awayMs = 1000;

// Half of what RabbitMQ 4 allows: connections that are lost and processes that are killed count too.
const maxReturns = 10;

// Below it the first return and the end of its consumer, to which the queue gives it once more, may be too much.
const leastLimit = 3;

const limit = "x-delivery-limit";

/** Gives a message back to its queue unrun, so that it is not lost there; says whether it has been moved to get there. */
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
 * Whether a message that has just come should be moved at once, as its queue may drop it when it comes back a few
 * times more, whyever. Where the function's own settings say the limit, that is what they ask for.
 */
export function isNearLimit({ deliveredBefore }: Delivery, settings: Resolved): boolean {
  return deliveredBefore >= maxReturns && settings.arguments[limit] === undefined;
}

function mayDropNext({ deliveredBefore }: Delivery, settings: Resolved): boolean {
  const said = Number(settings.arguments[limit] ?? Infinity);
  if (said >= 0 && said < leastLimit) return true;
  return deliveredBefore > 0;
}
