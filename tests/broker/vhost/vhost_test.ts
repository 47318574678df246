import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Exchange, type ExchangeType } from "../../../runtime/broker/exchange/exchange.ts";
import { routable } from "../../../runtime/broker/exchange/routable.ts";
import { route } from "../../../runtime/broker/exchange/route.ts";
import { defaultLimits } from "../../../runtime/broker/limits.ts";
import { Memory } from "../../../runtime/broker/memory.ts";
import { encodeProperties } from "../../../runtime/amqp/properties.ts";
import { locate } from "../../../runtime/broker/protocol/traits.ts";
import { type Field, longstr, type Table } from "../../../runtime/amqp/table.ts";
import { profiles } from "../../../runtime/broker/profile.ts";
import { Message, originOf } from "../../../runtime/broker/queue/message.ts";
import { memoryStore } from "../../../runtime/broker/store/store.ts";
import { bind, type BindingRequest } from "../../../runtime/broker/vhost/bindings.ts";
import { declareQueue } from "../../../runtime/broker/vhost/queues.ts";
import { VirtualHost } from "../../../runtime/broker/vhost/vhost.ts";

const nobody = {};

/** A virtual host with short functions to fill it. */
function setup() {
  const vhost = new VirtualHost(memoryStore(), new Memory(Infinity, () => {}), {
    ...defaultLimits,
    memory: Infinity,
    bodySize: Infinity,
  }, profiles["3.10"]);
  return {
    vhost,
    queue: (name: string, args: [string, Field][] = []) =>
      declareQueue(vhost, {
        name,
        passive: false,
        durable: false,
        exclusive: false,
        autoDelete: false,
        args: new Map(args),
      }, nobody),
    exchange: (name: string, type: ExchangeType, args: Table = new Map()) =>
      vhost.addExchange(new Exchange(name, type, false, false, false, args)),
    bind: (kind: BindingRequest["kind"], source: string, destination: string, key = "") =>
      bind(vhost, { kind, source, destination, key, args: new Map() }, nobody),
    reached: (exchange: string, key: string) =>
      route(vhost.exchanges.get(exchange)!, routable(message(exchange, key)), vhost.exchanges)
        .map(({ name }) => name).sort(),
  };
}

function message(exchange: string, key: string, body = ""): Message {
  const properties = encodeProperties({});
  const data = Buffer.concat([properties, Buffer.from(body)]);
  const traits = locate(properties, 0, properties.length);
  return new Message(originOf(exchange, key), traits, data, 0, properties.length, body.length);
}

Deno.test("A message reaches a queue once, however many paths lead to it", () => {
  const { queue, exchange, bind, reached } = setup();
  queue("q");
  exchange("a", "fanout");
  exchange("b", "topic");
  bind("exchange", "a", "b", "x");
  bind("queue", "a", "q");
  bind("queue", "b", "q", "#");
  bind("queue", "b", "q", "k");
  assert.deepEqual(reached("a", "k"), ["q"]);
});

Deno.test("Routing through exchanges that are bound in a circle ends", () => {
  const { queue, exchange, bind, reached } = setup();
  queue("q");
  exchange("a", "fanout");
  exchange("b", "fanout");
  bind("exchange", "a", "b");
  bind("exchange", "b", "a");
  bind("queue", "b", "q");
  assert.deepEqual(reached("a", ""), ["q"]);
});

Deno.test("A message without a destination goes to the alternate exchange", () => {
  const { queue, exchange, bind, reached } = setup();
  queue("known");
  queue("rest");
  exchange("other", "fanout");
  exchange("main", "direct", new Map([["alternate-exchange", longstr("other")]]));
  bind("queue", "other", "rest");
  bind("queue", "main", "known", "k");
  assert.deepEqual([reached("main", "k"), reached("main", "?")], [["known"], ["rest"]]);
});

Deno.test("A cached route is replaced when the topology changes", () => {
  const { vhost, queue, bind } = setup();
  queue("q");
  const topic = vhost.exchanges.get("amq.topic")!;
  assert.deepEqual(vhost.routes.find(topic, "a").queues, []);
  bind("queue", "amq.topic", "q", "a");
  assert.deepEqual(vhost.routes.find(topic, "a").queues?.map(({ name }) => name), ["q"]);
});

Deno.test("A message that is dead-lettered through hundreds of queues arrives in the last one", () => {
  const { vhost, queue } = setup();
  const length = 400;
  const full: [string, Field] = ["x-max-length", { type: "signedint", value: 0 }];
  for (let i = 0; i < length; i++) {
    queue(`q${i}`, [
      full,
      ["x-dead-letter-exchange", longstr("")],
      ["x-dead-letter-routing-key", longstr(i === length - 1 ? "end" : `q${i + 1}`)],
    ]);
  }
  const end = queue("end");
  vhost.publish(message("", "q0", "survivor"), [vhost.queues.get("q0")!]);
  assert.equal(end.length, 1);
});

Deno.test("A message that overflows in a circle of queues is dropped", () => {
  const { vhost, queue } = setup();
  const q = queue("q", [
    ["x-max-length", { type: "signedint", value: 0 }],
    ["x-dead-letter-exchange", longstr("")],
    ["x-dead-letter-routing-key", longstr("q")],
  ]);
  assert.equal(vhost.publish(message("", "q"), [q]), true);
  assert.equal(q.length, 0);
  assert.equal(vhost.memory.used, 0);
});

Deno.test("The memory of a message is counted until its last queue drops it", () => {
  const { vhost, queue } = setup();
  const queues = [queue("a"), queue("b")];
  vhost.publish(message("", "a", "x".repeat(1000)), queues);
  assert.ok(vhost.memory.used > 1000 && vhost.memory.used < 2000, "shared by both queues");
  queues[0]!.purge();
  assert.ok(vhost.memory.used > 1000);
  queues[1]!.purge();
  assert.equal(vhost.memory.used, 0);
});

Deno.test("However many messages expire at once, a turn ends soon, and the next ones go on", async () => {
  const { vhost, queue } = setup();
  queue("wait", [
    ["x-message-ttl", { type: "signedint", value: 500 }],
    ["x-dead-letter-exchange", longstr("")],
    ["x-dead-letter-routing-key", longstr("due")],
  ]);
  queue("due");
  const [wait, due] = [vhost.queues.get("wait")!, vhost.queues.get("due")!];
  const all = 5_000;
  for (let i = 0; i < all; i++) vhost.publish(message("", "wait"), [wait]);
  // Nothing else runs until all of them have expired.
  for (const end = performance.now() + 510; performance.now() < end;);

  const before = due.length;
  wait.pump();
  assert.ok(due.length - before <= 1_000, `${due.length - before} in one turn`);
  assert.equal(wait.take(), undefined, "what has expired is not handed out");
  while (due.length < all) await new Promise((resolve) => setTimeout(resolve));
  assert.equal(wait.length, 0);
  vhost.close();
});
