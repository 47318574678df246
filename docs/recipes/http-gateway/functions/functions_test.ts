import assert from "node:assert/strict";
import { startTest } from "hopper/testing";
import config from "../deploy.config.ts";

const functions = import.meta.dirname!;

Deno.test("A price is told, and an unknown item is an error with a code", async () => {
  await using hopper = await startTest({ functions });
  assert.deepEqual(await hopper.call("shop.price", { item: "bolt" }), { item: "bolt", cents: 12 });
  await assert.rejects(hopper.call("shop.price", { item: "yacht" }), { code: "NO_SUCH_ITEM" });
});

Deno.test("Nobody may send orders without a token", () => {
  assert.deepEqual(config.http?.anonymous, { call: ["shop.price"] });
});
