import assert from "node:assert/strict";
import { type Field, longstr, type Table } from "../../../runtime/amqp/table.ts";
import { profiles } from "../../../runtime/broker/profile.ts";
import { parseArguments } from "../../../runtime/broker/queue/arguments.ts";

const int = (value: number): Field => ({ type: "signedint", value });
const parse = (args: [string, Field][], more = {}) =>
  parseArguments({
    name: "q",
    durable: true,
    exclusive: false,
    autoDelete: false,
    args: new Map(args) as Table,
    ...more,
  }, profiles["3.10"]);

Deno.test("A queue without arguments has no limits", () => {
  const settings = parse([]);
  assert.deepEqual([settings.type, settings.overflow, settings.maxPriority], ["classic", "drop-head", 0]);
  assert.deepEqual([settings.maxLength, settings.messageTtl, settings.expires], [
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("A queue's arguments set its limits", () => {
  const settings = parse([
    ["x-message-ttl", int(1000)],
    ["x-max-length", int(5)],
    ["x-overflow", longstr("reject-publish")],
    ["x-dead-letter-exchange", longstr("dlx")],
    ["x-dead-letter-routing-key", longstr("dead")],
    ["x-single-active-consumer", { type: "bool", value: true }],
  ]);
  assert.deepEqual(
    [settings.messageTtl, settings.maxLength, settings.overflow, settings.deadLetterExchange],
    [1000, 5, "reject-publish", "dlx"],
  );
  assert.deepEqual([settings.deadLetterKey, settings.singleActiveConsumer], ["dead", true]);
});

for (
  const [name, field, reason] of [
    ["x-message-ttl", int(-1), "{value_negative,-1}"],
    ["x-message-ttl", longstr("5"), '"expected integer, got longstr"'],
    ["x-expires", int(0), "{value_zero,0}"],
    ["x-max-priority", int(256), "{max_value_exceeded,256}"],
    ["x-overflow", longstr("explode"), "invalid_overflow"],
    ["x-dead-letter-routing-key", longstr("k"), "routing_key_but_no_dlx_defined"],
    ["x-queue-type", longstr("nope"), `"unsupported queue type 'nope'"`],
  ] as const
) {
  Deno.test(`The argument ${name} with ${field.value} is refused with ${reason}`, () => {
    assert.throws(() => parse([[name, field]]), {
      condition: "precondition_failed",
      message: `invalid arg '${name}' for queue 'q' in vhost '/': ${reason}`,
    });
  });
}

Deno.test("A quorum queue that is transient or exclusive is refused", () => {
  const quorum: [string, Field][] = [["x-queue-type", longstr("quorum")]];
  assert.equal(parse(quorum).type, "quorum");
  assert.throws(() => parse(quorum, { durable: false }), /invalid property 'non-durable' for queue 'q'/);
  assert.throws(() => parse(quorum, { exclusive: true }), /invalid property 'exclusive-owner' for queue 'q'/);
});
