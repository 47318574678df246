/** The types of a handler that gets batches. The compiler makes these checks. */

import assert from "node:assert/strict";
import type { BatchContext, BatchDeclaration, Message } from "hopper";
import { BatchFailed, direct, fanout, headers, queue, rpc, topic } from "hopper";
import { z } from "zod";
import { expectType, type Same } from "./expect.ts";

interface Order {
  id: number;
}

const batch = { size: 10, wait: "50ms" } as const;

Deno.test("With the option batch the handler gets a list of what its schema gives, and a context of all messages", () => {
  const input = z.object({ id: z.string().transform(Number) });
  const orders = queue("q", { batch, input, setup: () => ({ db: 1 }) }, (items, ctx) => {
    expectType<Same<typeof items, { id: number }[]>>();
    expectType<Same<typeof ctx, BatchContext<{ db: number }>>>();
    expectType<Same<typeof ctx.messages, readonly Message[]>>();
    expectType<Same<typeof ctx.attempts, readonly number[]>>();
    expectType<Same<typeof ctx.state, { db: number }>>();
  });
  expectType<Same<typeof orders, BatchDeclaration<{ id: number }, { db: number }>>>();
});

Deno.test("Every trigger but rpc takes the option batch", () => {
  const all = [
    queue("q", { batch }, (orders: Order[]) => orders.length),
    fanout("x", { batch }, async (orders: Order[]) => await Promise.resolve(orders.length)),
    fanout(["x", "y"], { batch }, (orders: Order[]) => orders.length),
    direct("x", "k", { batch }, (orders: Order[]) => orders.length),
    direct([["x", "k"]], { batch }, (orders: Order[]) => orders.length),
    topic("x", "#", { batch }, (orders: Order[]) => orders.length),
    topic([["x", "#"]], { batch }, (orders: Order[]) => orders.length),
    headers("x", { all: { a: 1 } }, { batch }, (orders: Order[]) => orders.length),
    headers([["x", { all: { a: 1 } }]], { batch }, (orders: Order[]) => orders.length),
  ] as const;
  expectType<Same<typeof all[number], BatchDeclaration<Order>>>();
  // @ts-expect-error: each caller waits for its own reply
  rpc("r", { batch }, (orders: Order[]) => orders.length);
});

Deno.test("The items that failed are returned or thrown with their errors, or without", () => {
  queue(
    "q",
    { batch },
    (orders: Order[]) => new BatchFailed(orders.map((_, item) => ({ item, error: new Error("No") }))),
  );
  queue("q", { batch }, () => {
    throw new BatchFailed([{ item: 0 }]);
  });
  // @ts-expect-error: a list is expected
  assert.throws(() => new BatchFailed({ item: 0 }), /needs a list/);
});

Deno.test("A handler of single messages, a wrong option and an output do not go with batch", () => {
  // @ts-expect-error: it gets a list
  queue("q", { batch }, (order: Order) => order.id);
  // @ts-expect-error: no wait without a size
  queue("q", { batch: { wait: "50ms" } }, () => {});
  // @ts-expect-error: nobody gets what it returns
  queue("q", { batch, publish: { queue: "other" } }, () => {});
  // @ts-expect-error: unknown option
  queue("q", { batch, prefech: 1 }, () => {});
  // @ts-expect-error: a batch has several messages
  queue("q", { batch }, (_, { message }) => message);
});

Deno.test("The hook onExhausted of a batch gets one message", () => {
  queue("q", {
    batch,
    onExhausted: (order: Order, error, { message, attempt }) => {
      expectType<Same<typeof error, Error>>();
      expectType<Same<typeof message, Message>>();
      return void [order.id, attempt];
    },
  }, (orders: Order[]) => orders.length);
});
