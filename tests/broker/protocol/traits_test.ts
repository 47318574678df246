import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { Malformed } from "../../../runtime/amqp/malformed.ts";
import { encodeProperties, type Properties } from "../../../runtime/amqp/properties.ts";
import { type Field, longstr } from "../../../runtime/amqp/table.ts";
import { AmqpError } from "../../../runtime/broker/errors.ts";
import { locate } from "../../../runtime/broker/protocol/traits.ts";
import { anyProperties } from "../../support/any_properties.ts";

const traitsOf = (properties: Properties) => {
  const bytes = encodeProperties(properties);
  return locate(bytes, 0, bytes.length);
};

Deno.test("The properties that the broker acts on are found among the others", () => {
  fc.assert(fc.property(anyProperties, (properties) => {
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

Deno.test("The headers CC and BCC are noticed, and other headers are not", () => {
  const header = (name: string) =>
    traitsOf({ headers: new Map([["other", longstr("")], [name, longstr("")]]) });
  assert.deepEqual(["CC", "BCC", "cc", "CCC"].map((name) => header(name).copies), [true, true, false, false]);
});

Deno.test("Headers that cannot be read are refused, however deep they are", () => {
  let nested: Field = { type: "bool", value: true };
  for (let depth = 0; depth < 2000; depth++) nested = { type: "array", value: [nested] };
  assert.throws(() => traitsOf({ headers: new Map([["a", nested]]) }), Malformed);

  const bytes = encodeProperties({ headers: new Map([["a", { type: "array", value: [longstr("")] }]]) });
  bytes[bytes.lastIndexOf("S")] = "?".charCodeAt(0);
  assert.throws(() => locate(bytes, 0, bytes.length), Malformed);
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

Deno.test("Random bytes are read as properties or refused", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (random) => {
    try {
      locate(Buffer.from(random), 0, random.length);
    } catch (error) {
      assert.ok(error instanceof Malformed || error instanceof AmqpError, String(error));
    }
  }));
});
