/** The command `hopper dead`, and a function whose messages become dead letters. */

import assert from "node:assert/strict";
import type { Broker } from "./amqp.ts";
import { runApp, type TestApp } from "./app.ts";
import { hopperCommand } from "./hopper.ts";

/** Runs `hopper dead …`, expects success, and returns what it printed. */
export async function dead(broker: Broker, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await hopperCommand(["dead", ...args], { broker: broker.url });
  assert.equal(code, 0, stderr);
  return stdout;
}

/** The same for output in JSON, with one object per line. */
// deno-lint-ignore no-explicit-any -- what it printed is what is tested
export async function deadJson(broker: Broker, ...args: string[]): Promise<any[]> {
  return (await dead(broker, ...args, "--json")).split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/** Runs `hopper dead …`, expects a failure, and returns the error. */
export async function refused(broker: Broker, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await hopperCommand(["dead", ...args], { broker: broker.url });
  assert.equal(code, 1, stdout + stderr);
  return stderr.trim();
}

/** An app whose function `shop.orders` rejects all messages of the queue `orders` until the test fixes it. */
export function brokenShop(broker: Broker): Promise<TestApp> {
  return runApp({
    functions: {
      "shop/orders": `let mended = false;
      addEventListener("mend", () => mended = true, { once: true });
      export default topic("shop", "order.*", { queue: "orders", retry: false, pause: false }, async (_, { message, log, call }) => {
        log(message.id, { exchange: message.exchange, key: message.routingKey });
        const inStock = await call("stock").then(() => true, () => false);
        if (!inStock) throw new TypeError("Out of \\x1b[31mstock\\nand luck");
      });`,
    },
    broker,
  });
}

/** Starts the service that the function needs. */
export const mend = (broker: Broker): Promise<void> => broker.serve("stock");

/** Publishes messages with the ids `m1`, `m2` … and waits until they are dead letters. */
export async function fail(app: TestApp, broker: Broker, count: number): Promise<void> {
  for (let i = 1; i <= count; i++) {
    await broker.publish("shop", "order.new", JSON.stringify({ order: i }), {
      messageId: `m${i}`,
      contentType: "application/json",
      headers: { tenant: "a" },
    });
  }
  await app.events("dead-lettered", count);
}
