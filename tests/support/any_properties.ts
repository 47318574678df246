/** Generates message properties, for property-based tests. */

import fc from "fast-check";
import type { Properties } from "../../runtime/amqp/properties.ts";
import { longstr } from "../../runtime/amqp/table.ts";

const text = fc.string({ unit: "binary-ascii", maxLength: 10 });
export const anyProperties: fc.Arbitrary<Properties> = fc.record({
  contentType: text,
  contentEncoding: text,
  headers: fc.array(fc.tuple(text, text.map(longstr)), { maxLength: 3 }).map((pairs) => new Map(pairs)),
  deliveryMode: fc.constantFrom(1, 2),
  priority: fc.nat(255),
  correlationId: text,
  replyTo: text,
  expiration: fc.nat(100_000).map(String),
  messageId: text,
  timestamp: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  type: text,
  userId: text,
  appId: text,
  clusterId: text,
}, { requiredKeys: [], noNullPrototype: true });
