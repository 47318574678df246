import { describeQueue } from "../../core/text/describe_queue.ts";
import { HopperError } from "../../core/api/errors.ts";
import { describeInequivalence, readInequivalence } from "../../core/ports/inequivalence.ts";
import type { HelperQueue } from "../../core/ports/amqp.ts";
import { BrokerError } from "../../core/ports/amqp_errors.ts";

/** The broker refuses one of Hopper's helper queues, until somebody fixes that. The message says how. */
export class HelperRefused extends HopperError {
  /** `message` is for people. */
  constructor(message: string, options?: ErrorOptions) {
    super("TOPOLOGY_REFUSED", message, options);
  }
}

/** A queue that others own is missing. */
export function notMade(queue: HelperQueue): HelperRefused {
  return new HelperRefused(
    `Queue '${queue.name}' does not exist, and with declare: "passive" Hopper declares none; its owner has to declare ${
      describeQueue(queue)
    }`,
  );
}

/** Explains why the broker refused to declare a helper queue. Other errors are returned unchanged. */
export function explainHelper(error: unknown, { name, lease }: HelperQueue): unknown {
  if (!(error instanceof BrokerError)) return error;
  const refused = (message: string) => new HelperRefused(message, { cause: error });
  const { replyCode, replyText } = error;
  const differs = replyCode === 406 ? readInequivalence(replyText) : undefined;
  if (differs) {
    // Only a retry queue has a lease. Its name contains its delay.
    const orRename = lease === undefined ? "" : ", or give 'retry' another delay";
    return refused(
      `${
        describeInequivalence(differs)
      }. Delete it when nothing needs it any more, and Hopper declares it again${orRename}; ` +
        "Hopper never deletes it",
    );
  }
  if (replyCode === 405) {
    return refused(`Queue '${name}' belongs to another connection (exclusive): stop the other program`);
  }
  if (replyCode === 403) {
    return refused(
      `The broker gives no permission for queue '${name}': ${replyText}; give this user configure, write and read ` +
        "permission",
    );
  }
  return error;
}
