import assert from "node:assert/strict";
import { readInequivalence } from "../../runtime/core/ports/inequivalence.ts";
import { BrokerError } from "../../runtime/core/ports/amqp_errors.ts";
import { fanout, type FunctionDeclaration, queue, schedule } from "../../runtime/mod.ts";
import { planFunction } from "../../runtime/topology/plan.ts";
import { explainRefusal, TopologyRefused } from "../../runtime/topology/refusal.ts";
import { declared } from "../support/declared.ts";

// These are the exact texts of RabbitMQ 3.10; declare_test.ts gets them from a real one.

const handler = () => {};
const explain = (code: number, text: string, declaration: FunctionDeclaration = queue("q", handler)) => {
  const error = new BrokerError(code, text);
  const refused = explainRefusal(error, planFunction(declared(declaration)));
  assert.ok(refused instanceof TopologyRefused);
  assert.deepEqual([refused.replyCode, refused.cause], [code, error]);
  return refused.message;
};
const inequivalent = (argument: string, of: string, received: string, current: string) =>
  `PRECONDITION_FAILED - inequivalent arg '${argument}' for ${of} in vhost '/': ` +
  `received ${received} but current is ${current}`;

Deno.test("A refusal of an inequivalent declare names the argument, both values and three solutions", () => {
  assert.equal(
    explain(406, inequivalent("durable", "queue 'q'", "'true'", "'false'")),
    "Queue 'q' exists with other settings: 'durable' is false at the broker and true here. " +
      "Match it (durable: false), use another name, or delete the queue at the broker once nothing needs it; " +
      "Hopper never does",
  );
  assert.equal(
    explain(406, inequivalent("type", "exchange 'logs'", "'fanout'", "'topic'"), fanout("logs", handler)),
    "Exchange 'logs' exists with other settings: 'type' is topic at the broker and fanout here. " +
      "Match it (use the topic trigger), use another name, or delete the exchange at the broker once nothing " +
      "needs it; Hopper never does",
  );
});

Deno.test("A refusal suggests the option to write in the function's file", () => {
  const how = (argument: string, received: string, current: string, declaration?: FunctionDeclaration) =>
    /(Match it \(.*\)|No setting matches it)[:,] use another name/.exec(
      explain(
        406,
        inequivalent(argument, declaration ? "exchange 'x'" : "queue 'q'", received, current),
        declaration,
      ),
    )?.[1];

  const own = fanout("x", handler);
  assert.equal(how("durable", "'false'", "'true'", own), "Match it (exchange: { durable: true })");
  assert.equal(how("auto_delete", "'false'", "'true'", own), "Match it (exchange: { autoDelete: true })");
  assert.equal(how("internal", "'false'", "'true'", own), "Match it (exchange: { internal: true })");
  assert.equal(
    how("alternate-exchange", "none", "the value 'ae' of type 'longstr'", own),
    `Match it (exchange: { arguments: { "alternate-exchange": "ae" } })`,
  );
  assert.equal(
    how("alternate-exchange", "the value 'ae' of type 'longstr'", "none", own),
    "Match it (remove it from 'exchange.arguments')",
  );
  const oneOfTwo = fanout(["x", "y"], handler);
  assert.equal(
    how("durable", "'false'", "'true'", oneOfTwo),
    'Match it (exchanges: { "x": { durable: true } })',
  );
  assert.equal(
    how("type", "'fanout'", "'topic'", oneOfTwo),
    "Match it (use the topic trigger, in another file)",
  );
  assert.equal(
    how("type", "'fanout'", "'x-delayed-message'", own),
    `Match it (exchange: { type: "x-delayed-message" })`,
  );
  const emitter = queue("q", { emits: { x: "topic" } }, handler);
  assert.equal(how("type", "'topic'", "'fanout'", emitter), `Match it (emits: { "x": { type: "fanout" } })`);
  assert.equal(
    how("durable", "'true'", "'false'", emitter),
    `Match it (emits: { "x": { type: "topic", durable: false } })`,
  );
  assert.equal(
    how("alternate-exchange", "the value 'ae' of type 'longstr'", "none", emitter),
    "Match it (remove it from the arguments in 'emits')",
  );
  assert.equal(
    how("x-max-length", "none", "the value '1000' of type 'short'"),
    `Match it (arguments: { "x-max-length": 1000 })`,
  );
  assert.equal(how("x-max-length", "'70000'", "'1000'"), `Match it (arguments: { "x-max-length": 1000 })`);
  assert.equal(
    how("x-max-length", "the value '1000' of type 'short'", "none"),
    "Match it (remove it from 'arguments')",
  );
  assert.equal(
    how("x-overflow", "'reject-publish'", "'drop-head'"),
    `Match it (arguments: { "x-overflow": "drop-head" })`,
  );
  assert.equal(
    how("x-single-active-consumer", "none", "the value 'true' of type 'bool'"),
    `Match it (arguments: { "x-single-active-consumer": true })`,
  );
  const shared = (name: string, declaration: FunctionDeclaration) =>
    explain(
      406,
      inequivalent("x-single-active-consumer", `queue '${name}'`, "the value 'true' of type 'bool'", "none"),
      declaration,
    );
  assert.match(shared("q", queue("q", handler)), /Match it \(remove it from 'arguments'\)/);
  assert.match(shared("q", queue("q", { order: { by: "id" } }, handler)), /Match it \(remove 'order'\)/);
  assert.match(
    shared("orders", schedule("@daily", handler) as unknown as FunctionDeclaration),
    /No setting matches it/,
  );
  assert.equal(
    how("x-queue-type", "none", "the value 'quorum' of type 'longstr'"),
    `Match it (queueType: "quorum")`,
  );
  assert.equal(
    how("x-queue-type", "the value 'quorum' of type 'longstr'", "none"),
    `Match it (queueType: "classic")`,
  );
});

Deno.test("A refusal says if no setting can match what exists", () => {
  const unmatched = (text: string, declaration?: FunctionDeclaration) =>
    assert.match(
      explain(406, text, declaration),
      /\. No setting matches it: use another name, or delete the (queue|exchange) at the broker/,
    );
  unmatched(inequivalent("auto_delete", "queue 'q'", "'false'", "'true'"));
  const emitter = queue("q", { emits: { x: "topic" } }, handler);
  unmatched(inequivalent("internal", "exchange 'x'", "'false'", "'true'"), emitter);
});

Deno.test("A refusal of a stream never suggests to delete it", () => {
  assert.equal(
    explain(406, inequivalent("x-queue-type", "queue 'q'", "none", "the value 'stream' of type 'longstr'")),
    'Queue \'q\' is a stream: write queue("q", { queueType: "stream" }, …), or use another queue',
  );
});

Deno.test("A refusal of an unknown exchange type suggests to enable its plugin", () => {
  // RabbitMQ 4.3 closes the channel for it, and earlier ones close the connection.
  assert.match(
    explain(406, "PRECONDITION_FAILED - unknown exchange type 'x-random'"),
    /^The broker does not know the exchange type 'x-random'/,
  );
  assert.equal(
    explain(503, "COMMAND_INVALID - unknown exchange type 'x-delayed-message'"),
    "The broker does not know the exchange type 'x-delayed-message': enable its plugin there, or use another type",
  );
});

Deno.test("An inequivalence is read if its names and values contain quotes", () => {
  assert.deepEqual(
    readInequivalence(inequivalent("durable", "queue 'it's a 'queue''", "'false'", "'true'")),
    {
      argument: "durable",
      kind: "queue",
      name: "it's a 'queue'",
      here: "false",
      there: "true",
    },
  );
  const dead = readInequivalence(
    inequivalent("x-dead-letter-exchange", "queue 'q'", "none", "the value 'it's' of type 'longstr'"),
  );
  assert.deepEqual([dead!.here, dead!.there], ["none", "it's"]);
});

Deno.test("An inequivalence is read if a name has two lines or the vhost has a quote", () => {
  const text = "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'a\nb' in vhost 'it's': " +
    "received 'false' but current is 'true'";
  assert.equal(readInequivalence(text)?.name, "a\nb");
});

Deno.test("Other texts are not read as an inequivalence", () => {
  assert.equal(readInequivalence(""), undefined);
  assert.equal(readInequivalence("NOT_FOUND - no queue 'q' in vhost '/'"), undefined);
  assert.equal(
    readInequivalence(
      "PRECONDITION_FAILED - invalid arg 'x-message-ttl' for queue 'q' in vhost '/': {value_negative,-1}",
    ),
    undefined,
  );
});

Deno.test("A refusal of a locked queue says who must give up exclusive access", () => {
  const locked =
    "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'q' in vhost '/'. It could be " +
    "originally declared on another connection or the exclusive property value does not match that of the " +
    "original declaration.";

  assert.equal(
    explain(405, locked),
    "Queue 'q' belongs to another connection (exclusive): stop the other program, or use another name",
  );
  assert.equal(
    explain(405, locked, queue("q", { exclusive: true }, handler)),
    "Queue 'q' exists and is not exclusive to this connection: stop the other program, remove 'exclusive', " +
      "or use another name",
  );
});

Deno.test("A refusal for a missing permission says which permissions the user needs", () => {
  assert.equal(
    explain(403, "ACCESS_REFUSED - access to queue 'q' in vhost '/' refused for user 'low'"),
    "The broker gives no permission: ACCESS_REFUSED - access to queue 'q' in vhost '/' refused for user 'low'; " +
      `give this user configure, write and read permission, write declare: "passive" if others own it, or ` +
      "use another name",
  );
});

Deno.test("Any other refusal has the broker's own text and the function's name", () => {
  assert.equal(
    explain(
      406,
      "PRECONDITION_FAILED - invalid arg 'x-message-ttl' for queue 'q' in vhost '/': {value_negative,-1}",
    ),
    "The broker refuses what 'orders' declares: 406 PRECONDITION_FAILED - invalid arg 'x-message-ttl' " +
      "for queue 'q' in vhost '/': {value_negative,-1}",
  );
});

Deno.test("A refusal of a queue that the broker no longer permits says what to write instead", () => {
  const text = "INTERNAL_ERROR - Feature `transient_nonexcl_queues` is deprecated.\n" +
    "Its use is not permitted per the configuration";
  assert.equal(
    explain(541, text, queue("q", { durable: false }, handler)),
    "The broker permits no queue that is neither durable nor exclusive, as 'q' would be: remove 'durable: false', " +
      "or write 'exclusive: true' if each instance should have its own queue (the broker's setting is " +
      "deprecated_features.permit.transient_nonexcl_queues)",
  );
});
