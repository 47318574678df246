/** Dead letters on the page of a running runtime. */

import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { fakeAnswers, fakeFunction, serveFake } from "../support/fake_admin.ts";
import { ignore, openPage } from "./opened.ts";
import { sourceOf, startPaged } from "./runtime.ts";

const failing = `export default queue("orders", { retry: false }, ({ id }) => {
  throw new Error(id % 2 ? "No stock" : "No address");
});`;
const mended =
  `export default queue("orders", { retry: false }, ({ id }, { log }) => log.info("Order " + id));`;

Deno.test(
  "Dead letters are grouped by error, and replayed or purged one by one, by choice, or all; purging asks first",
  {
    ignore,
  },
  async () => {
    await using runtime = await startPaged({ orders: failing });
    const { hopper } = runtime;
    await using broker = await connectBroker(runtime.broker);
    for (let id = 1; id <= 7; id++) {
      await broker.send("orders", JSON.stringify({ id }), {
        messageId: `m${id}`,
      });
    }
    await hopper.events("dead-lettered", 7);
    await hopper.write("orders", sourceOf(mended));
    await hopper.event("deployed", { function: "orders" });

    await using tab = await openPage(runtime.trusted, "#/dead");
    const { page } = tab;
    const stock = page.locator(".group", { hasText: "No stock" });
    const address = page.locator(".group", { hasText: "No address" });
    const letter = (id: number) => page.locator(".letter", { hasText: `m${id}` });
    await stock.getByText("4 letters").waitFor();
    await address.getByText("3 letters").waitFor();

    await letter(1).getByRole("button", { name: "Replay" }).click();
    await page.getByText("1 letter went back to the queue").waitFor();
    await letter(1).waitFor({ state: "detached" });
    await hopper.said("orders", "Order 1");

    await page.getByLabel("Choose m3").check();
    await page.getByLabel("Choose m2").check();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Replay chosen (2)" }).click();
    await page.getByText("2 letters went back to the queue").waitFor();
    await hopper.said("orders", "Order 2");
    await hopper.said("orders", "Order 3");

    await letter(4).getByRole("button", { name: "Purge" }).click();
    const dialog = page.locator("dialog");
    await dialog.getByText("Purge 1 dead letter?").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await letter(4).waitFor();
    await letter(4).getByRole("button", { name: "Purge" }).click();
    await dialog.getByRole("button", { name: "Purge", exact: true }).click();
    await page.getByText("1 letter purged").waitFor();
    await letter(4).waitFor({ state: "detached" });

    await stock.getByRole("button", { name: "Replay 2" }).click();
    await hopper.said("orders", "Order 5");
    await hopper.said("orders", "Order 7");
    await stock.waitFor({ state: "detached" });

    await page.getByRole("button", { name: "Purge all" }).click();
    await dialog.getByText("Purge 1 dead letter?").waitFor();
    await dialog.getByRole("button", { name: "Purge", exact: true }).click();
    await page.getByText("This queue is empty").waitFor();
    assert.equal(hopper.hasSaid("orders", "Order 4") || hopper.hasSaid("orders", "Order 6"), false);
    assert.deepEqual(tab.faults, []);
  },
);

Deno.test(
  "j and k go through dead letters, Enter opens one, and r replays those that are chosen",
  { ignore },
  async () => {
    await using runtime = await startPaged({ orders: failing });
    const { hopper } = runtime;
    await using broker = await connectBroker(runtime.broker);
    for (const id of [1, 3]) await broker.send("orders", JSON.stringify({ id }), { messageId: `m${id}` });
    await hopper.events("dead-lettered", 2);
    await using tab = await openPage(runtime.trusted, "#/dead/orders.dead");
    const { page } = tab;
    await page.locator(".letter").nth(1).waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.locator(".letter", { hasText: "m3" }).locator("pre", { hasText: `"id": 3` }).waitFor();
    await page.getByLabel("Choose m3").check();
    await page.keyboard.press("r");
    await page.getByText("1 letter went back to the queue").waitFor();
    await hopper.events("dead-lettered", 3);
    assert.deepEqual(tab.faults, []);
  },
);

Deno.test(
  "Dead letters are looked at once, and again only when there are more or fewer",
  { ignore },
  async () => {
    const letter = (id: string) => ({
      messageId: id,
      function: "hello",
      error: "Error: no",
      at: "",
      attempts: 1,
      source: "hello",
      failedAt: new Date().toISOString(),
      replays: 0,
    });
    const answers = fakeAnswers([fakeFunction("hello")]);
    const set = (...ids: string[]) => {
      answers.deadQueues = { queues: [{ name: "hello.dead", functions: ["hello"], ready: ids.length }] };
      const groups = [{ error: "Error: no", count: ids.length, ids }];
      answers.dead = { queue: "hello.dead", ready: ids.length, letters: ids.map(letter), groups };
    };
    set("m1");
    await using server = serveFake(answers);
    await using tab = await openPage(server.url, "#/dead");
    const { page } = tab;
    const counted = () => server.asked.filter((each) => each === "GET /api/dead").length;
    const looked = () => server.asked.filter((each) => each.startsWith("GET /api/dead/hello.dead")).length;
    await page.locator(".letter", { hasText: "m1" }).waitFor();
    while (counted() < 4) await page.waitForResponse((response) => response.url().endsWith("/api/dead"));
    assert.equal(looked(), 1);

    set("m1", "m2");
    await page.locator(".letter", { hasText: "m2" }).waitFor();
    assert.equal(looked(), 2);
    assert.deepEqual(tab.faults, []);
  },
);
