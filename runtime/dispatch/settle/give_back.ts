import type { Delivery, HelperQueue, Outgoing } from "../../core/ports/amqp.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import { retryLetter } from "./move.ts";
import type { Run } from "../delivery/run.ts";
import { about, causeOf, moveTo, type SettleParts } from "./settle.ts";
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
  const { delivery } = run;
  const { declared: { settings, trigger } } = parts;
  // An rpc without acknowledgements asks that no request runs twice, even if nobody knows whether its reply arrived.
  if (settings.ack === "none") {
    return trigger.kind === "rpc" ? false : moveBack(run, parts, forgotten(run, parts));
  }
  const byBroker = () => {
    delivery.requeue();
    return false;
  };
  if (!mayDropNext(delivery, settings)) return byBroker();
  const instead = () => Promise.resolve(byBroker());
  return moveBack(run, parts, { onRefused: instead, onUnsendable: instead });
}

function moveBack(run: Run, parts: SettleParts, how: Parameters<typeof moveTo>[4]): Promise<boolean> {
  const to = parts.helpers.retry(run.queue, awayMs, run.message.priority);
  return moveTo(to, letterTo(to.name, run, parts), run, parts, how);
}

function letterTo(queue: string, run: Run, parts: SettleParts): Outgoing {
  const { attempt, crashes } = run;
  const cause = { ...causeOf(run, parts, undefined), attempts: attempt - 1, crashes };
  return retryLetter(run, queue, awayMs, cause);
}

/**
 * Without acknowledgements the broker has forgotten the message: there is nothing to acknowledge or to requeue. Where
 * others own all queues and there is none for retries, it goes straight back, though it has another routing key then.
 */
function forgotten(run: Run, parts: SettleParts): Parameters<typeof moveTo>[4] {
  const drop = (why: Error) => {
    parts.emit({ event: "dropped", ...about(run, parts, why) });
    return Promise.resolve(false);
  };
  const there = {
    source: { open: true, ack: () => {}, requeue: () => {} },
    until: Infinity,
    onUnsendable: drop,
  };
  const straight = () => {
    const { properties, ...letter } = letterTo(run.queue, run, parts);
    const lasting = { ...letter, properties: { ...properties, expiration: undefined } };
    return moveTo(ownQueue(run.queue), lasting, run, parts, { ...there, onRefused: drop });
  };
  return { ...there, onRefused: straight };
}

function ownQueue(name: string): HelperQueue {
  return { name, durable: true, exclusive: false, autoDelete: false, arguments: {}, owned: true };
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
