/** The page of a running runtime, as somebody uses it. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { connectBroker } from "../support/amqp.ts";
import { ignore, openPage, show } from "./opened.ts";
import { sourceOf, startPaged } from "./runtime.ts";

const good =
  `export default queue("orders", { retry: false }, (order, { log }) => log.info("Order " + order.id));`;
const bad =
  `export default queue("orders", { retry: false }, (order) => { throw new Error("No stock for " + order.id); });`;

/** Sends JSON to the function whose page is open, and waits for what became of it. */
async function invoke(page: Page, input: string, button = "Send"): Promise<void> {
  await page.getByLabel("Input", { exact: false }).first().fill(input);
  await page.getByRole("button", { name: button, exact: true }).click();
}

Deno.test("A function is invoked, broken, found in the dead letters, mended and replayed, all on the page", {
  ignore,
}, async () => {
  await using runtime = await startPaged({ orders: good });
  const { hopper } = runtime;
  await using tab = await openPage(runtime.trusted);
  const { page } = tab;
  assert.equal(new URL(page.url()).search, "");

  await page.getByRole("link", { name: "orders", exact: true }).click();
  await page.locator("h1", { hasText: "orders" }).waitFor();
  await invoke(page, `{ "id": 1 }`);
  await page.locator(".answer .badge", { hasText: "ok" }).waitFor();
  await page.getByRole("link", { name: "Open its run" }).click();
  await page.locator(".lines", { hasText: "Order 1" }).waitFor();
  await page.locator("pre", { hasText: `"id": 1` }).waitFor();

  await hopper.write("orders", sourceOf(bad));
  await hopper.event("deployed", { function: "orders" });
  await show(page, "#/functions/orders", "orders");
  await invoke(page, `{ "id": 2 }`);
  await page.locator(".answer", { hasText: "No stock for 2" }).waitFor();
  await page.getByRole("link", { name: "Open its run" }).click();
  const panel = page.locator("aside");
  await panel.locator(".error-line", { hasText: "No stock for 2" }).waitFor();
  await panel.getByText("functions/orders.ts:2").first().waitFor();

  await panel.getByRole("link", { name: "orders.dead" }).click();
  const group = page.locator(".group", { hasText: "No stock for 2" });
  await group.getByText("1 letter").waitFor();

  await hopper.write("orders", sourceOf(good));
  await hopper.events("deployed", 2, { function: "orders" });
  await group.getByRole("button", { name: "Replay", exact: true }).click();
  await page.getByText("1 letter went back to the queue").waitFor();
  await page.getByText("This queue is empty").waitFor();

  await show(page, "#/runs?function=orders&search=Order 2", "Runs");
  await page.locator("tr[data-key]", { hasText: "ok" }).first().click();
  await page.locator(".lines", { hasText: "Order 2" }).waitFor();
  assert.deepEqual(tab.faults, []);
});

Deno.test(
  "A file that is wrong is shown with its line and what to write, until it is right",
  { ignore },
  async () => {
    await using runtime = await startPaged({ orders: good });
    await using tab = await openPage(runtime.trusted);
    const { page } = tab;
    await runtime.hopper.write("orders", sourceOf("export default queue();"));
    await page.locator(".problems", { hasText: "functions/orders.ts" }).waitFor();
    await runtime.hopper.write("orders", sourceOf(good));
    await page.locator(".problems").waitFor({ state: "detached" });
    assert.deepEqual(tab.faults, []);
  },
);

Deno.test("A paused function takes no message until it is resumed", { ignore }, async () => {
  await using runtime = await startPaged({ orders: good });
  await using tab = await openPage(runtime.trusted, "#/functions/orders");
  const { page } = tab;
  await page.getByRole("button", { name: "Pause" }).click();
  await page.locator("h1 + .badge", { hasText: "paused" }).waitFor();

  await using broker = await connectBroker(runtime.broker);
  await broker.send("orders", `{ "id": 3 }`);
  await show(page, "#/queues/orders", "Queues");
  await page.locator("details.message pre", { hasText: `"id": 3` }).waitFor();
  assert.equal(runtime.hopper.count("handled"), 0);

  await show(page, "#/functions/orders", "orders");
  await page.getByRole("button", { name: "Resume" }).click();
  await page.locator("h1 + .badge", { hasText: "running" }).waitFor();
  await runtime.hopper.event("handled", { function: "orders" });
  assert.deepEqual(tab.faults, []);
});

Deno.test(
  "An rpc is called by a form of its input schema, and shows its reply or its error",
  { ignore },
  async () => {
    const source = `
const input = { "~standard": { version: 1, vendor: "test",
  validate: (value) => value.n >= 0 ? { value } : { issues: [{ message: "n is negative", path: ["n"] }] },
  jsonSchema: { input: () => ({ type: "object", required: ["n", "unit"],
    properties: { n: { type: "integer" }, unit: { enum: ["m", "km"] } } }) } } };
/** Doubles a length. */
export default rpc("double", { input }, ({ n, unit }) => ({ text: 2 * n + " " + unit }));`;
    await using runtime = await startPaged({ double: source });
    await using tab = await openPage(runtime.trusted, "#/functions/double");
    const { page } = tab;
    await page.getByLabel("n", { exact: true }).fill("21");
    await page.getByLabel("unit").selectOption("km");
    await page.getByRole("button", { name: "Call" }).click();
    await page.locator(".answer pre", { hasText: `"text": "42 km"` }).waitFor();

    await page.getByLabel("n", { exact: true }).fill("-1");
    await page.getByRole("button", { name: "Call" }).click();
    await page.locator(".answer pre", { hasText: "n is negative" }).waitFor();
    const shown = await page.locator(".command code").allTextContents();
    assert.match(shown[0]!, /^deno run -A \S+ call double '\{ "n": -1, "unit": "km" \}'$/);
    assert.match(shown[1]!, /^curl .*\/api\/functions\/double\/invoke$/);
    assert.deepEqual(tab.faults, []);
  },
);

Deno.test("A run is replayed with the key r, and with an edited input", { ignore }, async () => {
  await using runtime = await startPaged({ orders: good });
  await using broker = await connectBroker(runtime.broker);
  await broker.send("orders", `{ "id": 1 }`);
  await using tab = await openPage(runtime.trusted, "#/runs");
  const { page } = tab;
  await page.locator("tr[data-key]").first().waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.locator("aside pre", { hasText: `"id": 1` }).waitFor();
  await page.keyboard.press("r");
  await page.getByText("Sent to queue orders").waitFor();
  await runtime.hopper.events("handled", 2, { function: "orders" });

  await page.keyboard.press("e");
  await page.locator("dialog textarea").fill(`{ "id": 77`);
  assert.equal(await page.locator("dialog").getByRole("button", { name: "Replay" }).isDisabled(), true);
  await page.locator("dialog textarea").fill(`{ "id": 77 }`);
  await page.locator("dialog").getByRole("button", { name: "Replay" }).click();
  await runtime.hopper.said("orders", "Order 77");
  await page.locator("tr[data-key]").nth(2).waitFor();
  assert.deepEqual(tab.faults, []);
});

Deno.test(
  "A run whose input was not kept says so, and is replayed with another input",
  { ignore },
  async () => {
    const config =
      `import { defineConfig } from "hopper"; export default defineConfig({ keepPayloads: false });`;
    await using runtime = await startPaged({ orders: good }, { config });
    await using broker = await connectBroker(runtime.broker);
    await broker.send("orders", `{ "id": 1 }`);
    await using tab = await openPage(runtime.trusted, "#/runs");
    const { page } = tab;
    await page.locator("tr[data-key]").first().click();
    const panel = page.locator("aside");
    await panel.locator(".caption", { hasText: /kept/ }).first().waitFor();
    await panel.getByRole("button", { name: "Replay", exact: true }).click();
    await panel.getByRole("alert").getByText("The payload of this run was not kept").waitFor();

    await panel.getByRole("button", { name: "Edit and replay" }).click();
    await page.locator("dialog textarea").fill(`{ "id": 9 }`);
    await page.locator("dialog").getByRole("button", { name: "Replay" }).click();
    await runtime.hopper.said("orders", "Order 9");
    // The console tells of the refused replay, which is the answer here.
    assert.deepEqual(tab.faults.filter((fault) => !fault.includes("409")), []);
  },
);
