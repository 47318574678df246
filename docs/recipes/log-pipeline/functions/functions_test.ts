import assert from "node:assert/strict";
import { startTest } from "hopper/testing";
import config from "../deploy.config.ts";

const functions = import.meta.dirname!;

Deno.test("Lines are stored and found, and what is no line becomes a dead letter by itself", async () => {
  await using hopper = await startTest({ functions, config });
  const text = `Order ${crypto.randomUUID()}`;
  const at = "2026-01-02T03:04:05Z";
  await Promise.all([
    ...Array.from(
      { length: 20 },
      (_, i) => hopper.publish("logs", "shop.info", { at, text: `${text} ${i}` }),
    ),
    hopper.publish("logs", "shop.info", { at: "soon", text }),
  ]);
  await hopper.handled("store_logs", 20);
  assert.match(await hopper.failed("store_logs"), /Expected \{ at/);
  const found = await hopper.call<{ text: string }[]>("logs.search", { key: "shop.", text });
  assert.equal(found.length, 20);
});
