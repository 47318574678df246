import { HopperError } from "../../core/api/errors.ts";
import { BrokerError, NoSuchExchange, Unroutable } from "../../core/ports/amqp_errors.ts";
import { delayNames } from "../../core/ports/delayed.ts";
import { describeInequivalence, readInequivalence } from "../../core/ports/inequivalence.ts";
import type { Destination } from "./topology.ts";

/** Explains why the broker refused what a delay needs. Other errors are returned unchanged. */
export function explainDelay(error: unknown, { exchange, routingKey }: Destination): unknown {
  if (!(error instanceof BrokerError)) return error;
  const { replyCode, replyText } = error;
  const refused = (why: string) => new HopperError("TOPOLOGY_REFUSED", why, { cause: error });
  if (replyCode === 404 && !replyText.includes(`'${delayNames.start}`)) {
    return exchange === "" ? new Unroutable("", routingKey) : new NoSuchExchange(exchange);
  }
  if (replyCode === 405) {
    return refused(
      `Queue '${routingKey}' belongs to another connection (exclusive): a message to it cannot be delayed`,
    );
  }
  if (replyCode === 403) {
    return refused(
      `The broker gives no permission for what a delay needs: ${replyText}; give this user configure, write and read ` +
        `permission for names that begin with '${delayNames.start}', and write permission for the destination`,
    );
  }
  const differs = replyCode === 406 ? readInequivalence(replyText) : undefined;
  if (differs) {
    return refused(
      `${
        describeInequivalence(differs)
      }. Hopper needs it for delays, as it is here: delete it when it is empty`,
    );
  }
  return refused(`The broker refuses what a delay needs: ${replyCode} ${replyText}`);
}
