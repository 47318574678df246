import assert from "node:assert/strict";
import { startTest } from "hopper/testing";

const functions = import.meta.dirname!;

Deno.test("An order is reserved, charged and shipped", async () => {
  await using hopper = await startTest({ functions });
  await hopper.send("orders", { id: "a1", item: "bolt", amount: 12 });
  await hopper.handled("ship");
  await hopper.handled("tell_customer");
});

Deno.test("When the card is declined, the reservation is undone and the order cancelled", async () => {
  await using hopper = await startTest({ functions });
  await hopper.send("orders", { id: "a2", item: "yacht", amount: 1_000_000 });
  assert.match(await hopper.failed("charge"), /does not cover/);
  await hopper.handled("undo", 2); // the reservation, and then the end
  await hopper.handled("tell_customer");
});

Deno.test("An order for what is not in stock is cancelled, and nothing has to be undone", async () => {
  await using hopper = await startTest({ functions });
  await hopper.send("orders", { id: "a3", item: "unicorn", amount: 1 });
  assert.match(await hopper.failed("reserve"), /no unicorn/);
  await hopper.handled("tell_customer");
});
