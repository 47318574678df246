import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeProperties, encodeProperties } from "../../runtime/amqp/properties.ts";
import { anyProperties } from "../support/any_properties.ts";

Deno.test("Any combination of properties is read as it was written", () => {
  fc.assert(fc.property(anyProperties, (properties) => {
    const bytes = encodeProperties(properties);
    assert.deepEqual(decodeProperties(bytes, 0, bytes.length), properties);
  }));
});
