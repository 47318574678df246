import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { AmqpError, Malformed } from "../../../runtime/broker/errors.ts";
import {
  decodeProperties,
  encodeProperties,
  locate,
  type Properties,
} from "../../../runtime/broker/protocol/properties.ts";
import { longstr } from "../../../runtime/broker/protocol/table.ts";

const traitsOf = (properties: Properties) => {
  const bytes = encodeProperties(properties);
  return locate(bytes, 0, bytes.length);
};

const text = fc.string({ unit: "binary-ascii", maxLength: 10 });
const properties: fc.Arbitrary<Properties> = fc.record({
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

Deno.test("Properties are read as they were written, in any combination", () => {
  fc.assert(fc.property(properties, (properties) => {
    const bytes = encodeProperties(properties);
    assert.deepEqual(decodeProperties(bytes, 0, bytes.length), properties);
  }));
});

Deno.test("What the broker acts on is found among the others", () => {
  fc.assert(fc.property(properties, (properties) => {
    const { persistent, priority, ttl, replyTo, userId } = traitsOf(properties);
    assert.deepEqual({ persistent, priority, ttl, replyTo, userId }, {
      persistent: properties.deliveryMode === 2,
      priority: properties.priority ?? 0,
      ttl: Number(properties.expiration ?? -1),
      replyTo: properties.replyTo,
      userId: properties.userId,
    });
  }));
});

Deno.test("CC and BCC are noticed, other headers are not", () => {
  const header = (name: string) =>
    traitsOf({ headers: new Map([["other", longstr("")], [name, longstr("")]]) });
  assert.deepEqual(["CC", "BCC", "cc", "CCC"].map((name) => header(name).copies), [true, true, false, false]);
});

for (
  const [expiration, reason] of [
    ["abc", "no_integer"],
    ["", "no_integer"],
    ["-1", "{value_negative,-1}"],
    ["10s", '{leftover_string,"s"}'],
    ["99999999999", "{value_too_large,99999999999}"],
  ] as const
) {
  Deno.test(`Expiration '${expiration}' is refused with ${reason}`, () => {
    assert.throws(() => traitsOf({ expiration }), {
      message: `invalid expiration '${expiration}': ${reason}`,
    });
  });
}

Deno.test("Random bytes are properties or refused, never anything else", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (random) => {
    try {
      locate(Buffer.from(random), 0, random.length);
    } catch (error) {
      assert.ok(error instanceof Malformed || error instanceof AmqpError, String(error));
    }
  }));
});
