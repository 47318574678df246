import { describeQueue } from "../../core/text/describe_queue.ts";
import { HopperError } from "../../core/api/errors.ts";
import { describeInequivalence, readInequivalence } from "../../core/ports/inequivalence.ts";
import type { HelperQueue } from "../../core/ports/amqp.ts";
import { BrokerError } from "../../core/ports/amqp_errors.ts";

/** The broker will not have a queue of Hopper's own, until somebody mends that; the message says how. */
export class HelperRefused extends HopperError {
  /** `message` is for people. */
  constructor(message: string, options?: ErrorOptions) {
    super("TOPOLOGY_REFUSED", message, options);
  }
}

/** A queue that others own is missing. */
export function notMade(queue: HelperQueue): HelperRefused {
  return new HelperRefused(
    `No queue '${queue.name}', and with declare: "passive" none is declared; its owner has to make ${
      describeQueue(queue)
    }`,
  );
}

/** An error of declaring a queue of Hopper's own, as a person can act on it where the broker refused. */
export function explainHelper(error: unknown, { name, lease }: HelperQueue): unknown {
  if (!(error instanceof BrokerError)) return error;
  const refused = (message: string) => new HelperRefused(message, { cause: error });
  const { replyCode, replyText } = error;
  const differs = replyCode === 406 ? readInequivalence(replyText) : undefined;
  if (differs) {
    // Only a retry queue has a lease, and its name is its delay.
    const orRename = lease === undefined ? "" : ", or give 'retry' another delay";
    return refused(
      `${
        describeInequivalence(differs)
      }. Delete it once nothing needs it, and Hopper declares it again${orRename}; ` +
        "Hopper never deletes it",
    );
  }
  if (replyCode === 405) {
    return refused(`Queue '${name}' belongs to another connection (exclusive): stop the other program`);
  }
  if (replyCode === 403) {
    return refused(
      `The broker denies queue '${name}': ${replyText}; give this user configure, write and read permission`,
    );
  }
  return error;
}
