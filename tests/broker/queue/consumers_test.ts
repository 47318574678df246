import assert from "node:assert/strict";
import { type Consumer, Consumers } from "../../../runtime/broker/queue/consumers.ts";

/** A consumer with room for this many messages. */
class Fake implements Consumer {
  readonly exclusive = false;
  constructor(readonly tag: string, readonly priority = 0, public room = Infinity) {}
  ready = () => this.room > 0;
  deliver() {}
  cancelled() {}
  passedOver() {}
}

function turns(consumers: Consumers, count: number): string {
  return Array.from({ length: count }, () => {
    const next = consumers.next() as Fake | undefined;
    if (next) next.room--;
    return next?.tag ?? "-";
  }).join("");
}

Deno.test("The consumers of a queue take turns", () => {
  const consumers = new Consumers(false);
  for (const tag of ["a", "b", "c"]) consumers.add(new Fake(tag));
  assert.equal(turns(consumers, 7), "abcabca");
});

Deno.test("A consumer without room is passed over until it is resumed", () => {
  const consumers = new Consumers(false);
  const a = new Fake("a", 0, 1);
  consumers.add(a);
  consumers.add(new Fake("b", 0, 3));
  assert.equal(turns(consumers, 5), "abbb-");
  a.room = 1;
  assert.equal(consumers.resume(a), true);
  assert.equal(turns(consumers, 2), "a-");
});

Deno.test("The consumer with the highest priority that has room comes first", () => {
  const consumers = new Consumers(false);
  consumers.add(new Fake("low", -1));
  const high = new Fake("high", 10, 2);
  consumers.add(high);
  assert.deepEqual([1, 2, 3].map(() => turns(consumers, 1)), ["high", "high", "low"]);
});

Deno.test("A single active consumer gets all messages, and the next one takes over when it leaves", () => {
  const consumers = new Consumers(true);
  const first = new Fake("a");
  consumers.add(first);
  consumers.add(new Fake("b"));
  assert.equal(turns(consumers, 3), "aaa");
  consumers.remove(first);
  assert.equal(turns(consumers, 2), "bb");
});

Deno.test("A consumer that left gets nothing, and takes no memory", () => {
  const consumers = new Consumers(false);
  const stays = new Fake("s");
  consumers.add(stays);
  for (let i = 0; i < 1000; i++) {
    const guest = new Fake("g");
    consumers.add(guest);
    consumers.remove(guest);
  }
  assert.equal(consumers.size, 1);
  assert.equal(turns(consumers, 3), "sss");
});
