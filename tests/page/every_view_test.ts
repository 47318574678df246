/** Every view of a running runtime: readable by everybody, in both themes and on a narrow screen. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { connectBroker } from "../support/amqp.ts";
import type { View } from "../support/browser.ts";
import { assertFits, barriers, ignore, openPage, show } from "./opened.ts";
import { type Paged, startPaged } from "./runtime.ts";

const functions = {
  orders: `export default queue("orders", { retry: false }, (order, { log }) => {
    log.info("Order", { order });
    log.error("Not so good");
    if (order.id > 2) throw new TypeError("No stock");
  });`,
  fib: `/** Fibonacci's numbers. */
export default rpc("fib", (n: number) => n);`,
  audit: `export default topic("logs", ["kern.*", "*.critical"], () => {});`,
  "a/very/long/name/of/a/function/that/somebody/has/nested/deeply":
    `export default fanout("signups", () => {});`,
};

/** A runtime with runs that succeeded and failed, and dead letters. */
async function startBusy(): Promise<Paged> {
  const runtime = await startPaged(functions);
  await using broker = await connectBroker(runtime.broker);
  for (let id = 1; id <= 4; id++) await broker.send("orders", JSON.stringify({ id }));
  await runtime.hopper.events("dead-lettered", 2);
  await runtime.hopper.write("wrong", "export default 1;");
  await runtime.hopper.event("problem");
  return runtime;
}

/** Goes to each view, and to what opens in it. */
async function eachView(page: Page, look: (view: string) => Promise<void>): Promise<void> {
  await show(page, "#/functions", "Functions");
  await page.getByRole("link", { name: "orders", exact: true }).waitFor();
  await look("functions");
  await show(page, "#/functions/orders", "orders");
  await page.locator(".chart canvas").waitFor();
  await look("a function");
  await show(page, "#/runs", "Runs");
  const failed = page.locator("tr[data-key]", { hasText: "dead" }).first();
  await failed.waitFor();
  await look("runs");
  await failed.click();
  await page.locator("aside .timeline").waitFor();
  await look("a run");
  await show(page, "#/queues", "Queues");
  await page.locator("tr[data-key]").first().waitFor();
  await look("queues");
  await page.evaluate("location.hash = '#/queues/orders.dead'");
  await page.locator("aside details.message").or(page.locator("aside .notice")).first().waitFor();
  await look("a queue");
  await show(page, "#/dead", "Dead letters");
  const letter = page.locator(".letter summary").first();
  await letter.click();
  await page.locator(".letter .payload, .letter .notice").first().waitFor();
  await look("dead letters");
  await show(page, "#/topology", "Topology");
  await page.locator(".drawing svg a").first().waitFor();
  await page.getByText("As a table").click();
  await look("topology");
  await show(page, "#/settings", "Settings");
  await look("settings");
  await page.keyboard.press("?");
  await page.locator("dialog[open]").waitFor();
  await look("help");
}

const runtime = ignore ? undefined! : await startBusy();
if (!ignore) Deno.test.afterAll(async () => await runtime[Symbol.asyncDispose]());

const views: readonly View[] = [
  { width: 1400, scheme: "light" },
  { width: 1400, scheme: "dark" },
  { width: 400, scheme: "light" },
];

for (const view of views) {
  Deno.test(
    `Every view is accessible and fits, at ${view.width} px, ${view.scheme}`,
    { ignore },
    async () => {
      await using tab = await openPage(runtime.trusted, "", view);
      await eachView(tab.page, async (name) => {
        assert.deepEqual(await barriers(tab.page), [], name);
        await assertFits(tab.page, name);
      });
      assert.deepEqual(tab.faults, []);
    },
  );
}

Deno.test("Without the token payloads are hidden and nothing can be changed, and each view says why", {
  ignore,
}, async () => {
  await using tab = await openPage(runtime.url);
  const { page } = tab;
  await page.getByText("read only").waitFor();
  const why = "hidden from readers without the token";
  const isOff = async (name: string) =>
    assert.equal(await page.getByRole("button", { name, exact: true }).first().isDisabled(), true, name);
  await eachView(page, async (view) => {
    if (["a run", "a queue", "dead letters"].includes(view)) await page.getByText(why).first().waitFor();
    if (view === "a function") { for (const name of ["Send", "Pause"]) await isOff(name); }
    if (view === "a run") { for (const name of ["Replay", "Edit and replay"]) await isOff(name); }
    if (view === "dead letters") { for (const name of ["Replay", "Purge", "Purge all"]) await isOff(name); }
    assert.equal(await page.getByText(`"id":`).count(), 0, view);
  });
  await page.keyboard.press("Escape");
  await page.getByLabel("Token", { exact: true }).fill(new URL(runtime.trusted).searchParams.get("token")!);
  await page.getByRole("button", { name: "Use it" }).click();
  await page.locator("main h1", { hasText: "Functions" }).waitFor();
  await show(page, "#/settings", "Settings");
  await page.getByText("This browser has the token").waitFor();
  assert.deepEqual(tab.faults, []);
});

Deno.test("Empty views say what to type", { ignore }, async () => {
  await using empty = await startPaged({ _helper: "" });
  await using tab = await openPage(empty.trusted);
  const { page } = tab;
  const command = page.locator(".command code");
  await command.getByText(/^deno run -A \S+ new hello --trigger queue$/).waitFor();
  await show(page, "#/runs", "Runs");
  await command.getByText(/^deno run -A \S+ new hello --trigger queue$/).waitFor();
  await empty.hopper.write(
    "hello",
    `import { queue } from "hopper"; export default queue("hello", () => {});`,
  );
  await command.getByText(/^deno run -A \S+ send hello 'a first message'$/).waitFor();
  await show(page, "#/dead", "Dead letters");
  await page.getByText("No dead letters").waitFor();
  assert.deepEqual(tab.faults, []);
});
