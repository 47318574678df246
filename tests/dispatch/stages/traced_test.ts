import assert from "node:assert/strict";
import type { RunPlace } from "../../../runtime/core/ports/trace.ts";
import { queue, Retry } from "../../../runtime/mod.ts";
import { delivery } from "../../support/delivery.ts";
import { served } from "../../support/served.ts";
import { recorded, traceparent } from "../../support/tracing.ts";

const came = { traceparent: traceparent(99), tracestate: "a=1" };

Deno.test("A run is a span that continues the trace of its message, and links to where that was made", async () => {
  const tracing = recorded();
  using app = served(queue("orders", () => {}), { tracing });
  await app.run(
    delivery({ headers: came, properties: { messageId: "m-1", correlationId: "c-1" }, body: "17" }),
  );

  const [span] = tracing.spans;
  assert.deepEqual(
    [span!.kind, span!.name, span!.parent, span!.link],
    ["consumer", "process orders", came, came],
  );
  assert.deepEqual(span!.attributes, {
    "messaging.operation.name": "process",
    "messaging.operation.type": "process",
    "messaging.destination.name": "shop:order.new:orders",
    "messaging.rabbitmq.destination.routing_key": "order.new",
    "messaging.rabbitmq.message.delivery_tag": 1,
    "messaging.message.id": "m-1",
    "messaging.message.conversation_id": "c-1",
    "messaging.message.body.size": 2,
    "hopper.function": "orders",
    "hopper.attempt": 1,
  });
  assert.ok(span!.ended);
  assert.equal(span!.error, undefined);
});

Deno.test("A message without a trace begins one, which events name", async () => {
  const tracing = recorded();
  using app = served(queue("orders", () => {}), { tracing });
  await app.run(delivery({}));

  assert.equal(tracing.spans[0]!.parent, "none");
  const handled = app.events("handled")[0];
  assert.equal(handled?.event === "handled" && handled.run.traceId, "1".repeat(32));
});

Deno.test("A span ends with the error of its run, also with one that asks for a retry", async () => {
  const errors = [new TypeError("no"), new Retry({ after: "1s" })];
  for (const error of errors) {
    const tracing = recorded();
    using app = served(
      queue("orders", () => {
        throw error;
      }),
      { tracing },
    );
    await app.run(delivery({ headers: came }));
    assert.deepEqual(tracing.spans.map(({ ended, error }) => [ended, error]), [[true, error]]);
  }
});

Deno.test("A message that is not run has no span", async () => {
  const tracing = recorded();
  using app = served(queue("orders", () => {}), { tracing });
  await app.run(delivery({ headers: came, properties: { expiration: 1 } }), performance.now() - 1000);

  assert.equal(app.events("expired").length, 1);
  assert.deepEqual(tracing.spans, []);
});

Deno.test("What a run sends and publishes belongs to its span; without tracing, to the trace that came", async () => {
  for (const tracing of [recorded(), undefined]) {
    const places: RunPlace[] = [];
    const sent = () => Promise.resolve();
    using app = served(
      queue("orders", { publish: { queue: "next" } }, (_, { send }) => send("other", 1).then(() => 2)),
      {
        tracing,
        callerIn: (place) => {
          places.push(place);
          return {
            send: sent as never,
            publish: sent,
            call: () => Promise.reject(new Error("Nobody is called here")),
            cancel: () => Promise.reject(new Error("Nothing is cancelled here")),
          };
        },
      },
    );
    await app.run(delivery({ headers: came }));

    const place = { trace: tracing ? { traceparent: traceparent(1) } : came, came };
    assert.deepEqual(places, [place, place]);
    assert.equal(app.events("handled").length, 1);
  }
});
