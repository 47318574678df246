import { HeaderTable } from "../../amqp/header_table.ts";
import { ArgumentError } from "../../core/api/errors.ts";
import type { Outgoing } from "../../core/ports/amqp.ts";
import { delayNames, firstWait, waitAfter } from "../../core/ports/delayed.ts";
import { carriedHeaders, movedHeaders, withDeathsKept } from "../../core/ports/moved_headers.ts";

// What a broker writes about each queue that a message expired in, with room for the longest names.
const deathBytes = 256;

/** Throws an `ArgumentError` for a message that would lose a part of itself if it were delayed. */
export function requireDelayable({ properties: { headers } }: Outgoing): void {
  const copies = ["CC", "BCC"].find((name) => headers?.has(name));
  if (copies === undefined) return;
  throw new ArgumentError(
    `Header '${copies}' sends copies to other queues, which a delay cannot do; send each of them a message`,
  );
}

/**
 * A message as it is sent into its waits. The headers say which wait follows which, and where it goes at last. With an
 * `id` it can be cancelled, and bears that as its routing key.
 */
export function delayedLetter(message: Outgoing, path: readonly string[], id: string | undefined): Outgoing {
  const { exchange, routingKey, properties } = message;
  const { headers = HeaderTable.none, expiration } = properties;
  const steps = path.map((wait, i) => [i === 0 ? firstWait : waitAfter(path[i - 1]!), wait]);
  return {
    ...message,
    exchange: delayNames.start,
    routingKey: id ?? routingKey,
    mandatory: true,
    spare: path.length * deathBytes,
    properties: {
      ...properties,
      // It would end in a wait. Its receiver counts it from when it arrives.
      expiration: undefined,
      headers: withDeathsKept(carriedHeaders(headers)).with({
        ...Object.fromEntries(steps),
        [movedHeaders.exchange]: exchange,
        [movedHeaders.routingKey]: routingKey,
        ...expiration === undefined
          ? {}
          : { [movedHeaders.expiration]: expiration, [movedHeaders.left]: expiration },
      }),
    },
  };
}
