/** The types of a handler, and the errors that an editor shows. The compiler makes these checks. */

import type { Context, FunctionDeclaration, SetupContext, StandardSchema } from "hopper";
import { defineConfig, direct, fanout, headers, queue, rpc, topic } from "hopper";
import { z } from "zod";
import { expectType, type Same } from "./expect.ts";

interface Order {
  id: number;
}

/** The types of a declaration's input and output. */
type InputOf<D> = D extends FunctionDeclaration<infer Input, infer _> ? Input : never;
type OutputOf<D> = D extends FunctionDeclaration<infer _, infer Output> ? Output : never;

Deno.test("The types of input and output come from the handler's signature", () => {
  const all = [
    queue("q", (order: Order) => order.id),
    fanout("x", (order: Order) => order.id),
    direct("x", "k", (order: Order) => order.id),
    topic("x", ["#"], (order: Order) => order.id),
    headers("x", { all: { a: 1 } }, (order: Order) => order.id),
    rpc("r", (order: Order) => order.id),
    queue("q", { prefetch: 1 }, (order: Order) => order.id),
    fanout("x", { exclusive: true }, (order: Order) => order.id),
    direct("x", ["k"], {}, (order: Order) => order.id),
    topic("x", "#", {}, (order: Order) => order.id),
    headers("x", { any: { a: "b" } }, {}, (order: Order) => order.id),
    rpc("r", {}, (order: Order) => order.id),
    fanout(["x", "y"], (order: Order) => order.id),
    direct([["x", "k"], ["y", ["k", "l"]]], (order: Order) => order.id),
    topic([["x", "#"], ["y", ["a.*"]]], { prefetch: 1 }, (order: Order) => order.id),
    headers([["x", { all: { a: 1 } }], ["y", { any: { b: "c" } }]], {}, (order: Order) => order.id),
  ] as const;
  expectType<Same<InputOf<typeof all[number]>, Order>>();
  expectType<Same<OutputOf<typeof all[number]>, number>>();
});

Deno.test("Without an annotation the input has the type unknown", () => {
  const bare = queue("q", (input) => {
    expectType<Same<typeof input, unknown>>();
  });
  expectType<Same<InputOf<typeof bare>, unknown>>();
  expectType<Same<OutputOf<typeof bare>, void>>();
});

Deno.test("The output type of an async handler is what it resolves with", () => {
  const slow = rpc("r", async (n: number) => await Promise.resolve(String(n)));
  expectType<Same<OutputOf<typeof slow>, string>>();
});

Deno.test("A handler may leave out the context, or destructure it", () => {
  queue("q", () => {});
  queue("q", (_input, { log, message, attempt, signal, name }) => {
    log.info(name, { attempt, id: message.id, aborted: signal.aborted });
    expectType<Same<typeof message.body, Uint8Array>>();
    expectType<Same<typeof message.timestamp, Date | undefined>>();
  });
  queue("q", async (_input, { call, send, publish, ack, nack }) => {
    const reply = await call<number>("fib", 30, { timeout: "5s" });
    expectType<Same<typeof reply, number>>();
    const unsaid = await call("fib", 30);
    expectType<Same<typeof unsaid, unknown>>();
    await send("q", { id: 1 }, { expiration: "1h" });
    await publish("x", "k", "text", { headers: { a: 1 }, priority: 9 });
    ack();
    nack({ requeue: false });
  });
});

Deno.test("A zod schema gives the input its type, after its transformations", () => {
  const input = z.object({ id: z.string().transform(Number), note: z.string().default("") });
  const charge = rpc("charge", { input }, (order) => {
    expectType<Same<typeof order, { id: number; note: string }>>();
    return order.id;
  });
  expectType<Same<InputOf<typeof charge>, { id: number; note: string }>>();
  expectType<Same<OutputOf<typeof charge>, number>>();
});

Deno.test("The handler must return what its output schema accepts", () => {
  rpc("r", { output: z.object({ total: z.number() }) }, () => ({ total: 5 }));
  rpc("r", { output: z.date().transform(String) }, () => new Date());
  // @ts-expect-error: a number is expected
  rpc("r", { output: z.object({ total: z.number() }) }, () => ({ total: "5" }));
});

Deno.test("An input schema and an annotation must agree", () => {
  rpc("r", { input: z.object({ id: z.number() }) }, (order: Order) => order.id);
  // @ts-expect-error: the schema gives a string
  rpc("r", { input: z.object({ id: z.string() }) }, (order: Order) => order.id);
});

Deno.test("Any Standard Schema gives the input its type", () => {
  const positive: StandardSchema<unknown, number> = {
    "~standard": {
      version: 1,
      vendor: "here",
      validate: (value) =>
        typeof value === "number" && value > 0
          ? { value }
          : { issues: [{ message: "Expected more than 0" }] },
    },
  };
  const half = rpc("half", { input: positive }, (n) => n / 2);
  expectType<Same<InputOf<typeof half>, number>>();
});

Deno.test("The type of a handler's state is what setup returns or resolves with", () => {
  const setup = async ({ env, signal, log }: SetupContext) => {
    log.info("Opening", { url: env.DATABASE_URL, isAborted: signal.aborted });
    return await Promise.resolve({ db: new Map<string, Order>() });
  };
  const orders = queue("orders", { setup }, (order: Order, { state }) => {
    expectType<Same<typeof state, { db: Map<string, Order> }>>();
    return order.id;
  });
  expectType<Same<typeof orders, FunctionDeclaration<Order, number, { db: Map<string, Order> }>>>();
  rpc("r", { setup: ({ env }) => ({ name: env.NAME }) }, (_n: number, { state }) => {
    expectType<Same<typeof state, { name: string | undefined }>>();
  });
  topic([["x", "#"]], { setup: () => 5 }, (_, { state }) => {
    expectType<Same<typeof state, number>>();
  });
  queue("q", (_, { state }) => {
    expectType<Same<typeof state, unknown>>();
  });
  const helper = ({ log }: Context) => log.info("Anything with a context may be called");
  queue("q", { setup: () => 5 }, (_, context) => helper(context));
  queue("q", (_, context: Context) => helper(context));
});

Deno.test("A wrong option is a type error", () => {
  const handler = () => {};
  queue("q", { timeout: "30s", retry: { attempts: 3, delay: 500 }, memory: "128MB", ack: "manual" }, handler);
  queue("q", { retry: false, permissions: { net: ["api.example:443"], read: true } }, handler);
  // @ts-expect-error: unknown option
  queue("q", { prefech: 1 }, handler);
  // @ts-expect-error: not a duration
  queue("q", { timeout: "30 seconds" }, handler);
  // @ts-expect-error: retry is false or an object
  queue("q", { retry: true }, handler);
  // @ts-expect-error: only deploy.config.ts decides where a function runs
  queue("q", { isolate: "inline" }, handler);
  // @ts-expect-error: a queue or an exchange, not both
  headers("x", { all: { a: 1 }, some: {} }, handler);
  // @ts-expect-error: a header is text, a number or a boolean
  headers("x", { all: { a: null } }, handler);
  // @ts-expect-error: several exchanges, each with its patterns
  topic(["orders", "order.*"], handler);
  // @ts-expect-error: one pattern or a list of them
  topic([["orders", "order.*", "order.#"]], handler);
  // @ts-expect-error: no keys
  direct("x", handler);
  // @ts-expect-error: options go first
  queue("q", handler, { prefetch: 1 });
});

Deno.test("A wrong config is a type error", () => {
  defineConfig({
    broker: "amqp://rabbit.example",
    defaults: { prefetch: 50, isolate: "process" },
    functions: { "billing.*": { retry: { attempts: 3 } } },
  });
  // @ts-expect-error: unknown key
  defineConfig({ brokr: "amqp://rabbit.example" });
  // @ts-expect-error: only a function's file may name its queue
  defineConfig({ defaults: { queue: "audit" } });
});

Deno.test("The hook onExhausted has the types of the handler's message and context, and an error", () => {
  queue("q", {
    input: z.object({ id: z.number() }),
    setup: () => ({ db: "open" }),
    onExhausted: ({ id }, error, { state, attempt }) => {
      expectType<Same<typeof id, number>>();
      expectType<Same<typeof error, Error>>();
      expectType<Same<typeof state, { db: string }>>();
      expectType<Same<typeof attempt, number>>();
    },
  }, (_order, { log }) => log("order"));
  queue("q", {
    onExhausted: (order) => {
      expectType<Same<typeof order, Order>>();
    },
  }, (order: Order) => order.id);
  queue("q", { onExhausted: async (order: Order, _error, { send }) => await send("failed", order.id) }, (
    order: Order,
    { log },
  ) => log(`${order.id}`));
});

Deno.test("Without an annotation the message of onExhausted is unknown, and the handler keeps its types", () => {
  const declaration = queue("q", {
    onExhausted: (order) => {
      expectType<Same<typeof order, unknown>>();
    },
  }, (order: Order, { log }) => log(`${order.id}`));
  expectType<Same<InputOf<typeof declaration>, Order>>();
});
