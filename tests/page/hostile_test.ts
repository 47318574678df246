/** Messages that somebody made to harm whoever looks at them. */

import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { ignore, openPage, show } from "./opened.ts";
import { startPaged } from "./runtime.ts";

const script = `<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>"'\${window.harmed=1}`;
const turned = "invoice\u202egpj.exe\u0007\u2066";

const functions = {
  orders: `export default queue("orders", { retry: false }, (order, { log }) => {
    log.warn(order.text, { data: order.text });
    throw new Reject(order.text);
  });`,
  big: `export default queue("big", { retry: false }, () => { throw new Reject("x".repeat(5000)); });`,
};

Deno.test(
  "Scripts and reversed text in messages, headers, errors and lines are shown as they are, and do nothing",
  {
    ignore,
  },
  async () => {
    await using runtime = await startPaged(functions);
    await using broker = await connectBroker(runtime.broker);
    await broker.send("orders", JSON.stringify({ text: script + turned }), {
      headers: { [`x-${script}`]: script + turned },
      messageId: script,
    });
    await runtime.hopper.event("dead-lettered");
    await using tab = await openPage(runtime.trusted, "#/runs");
    const { page } = tab;
    await page.locator("tr[data-key]").first().click();
    const panel = page.locator("aside");
    await panel.locator(".error-line", { hasText: `<img src=x onerror="window.harmed=1">` }).waitFor();
    await panel.locator(".error-line", { hasText: "invoice\\u202egpj.exe␇\\u2066" }).waitFor();
    await panel.locator(".lines", { hasText: "invoice\\u202egpj.exe" }).waitFor();
    await panel.locator("pre", { hasText: "x-<img src=x" }).first().waitFor();
    await show(page, "#/dead", "Dead letters");
    await page.locator(".group h2", { hasText: "<script>" }).waitFor();
    await page.locator(".letter summary").click();
    await page.locator(".letter pre", { hasText: "\\u202e" }).first().waitFor();
    await show(page, "#/functions/orders", "orders");
    await page.getByLabel("Input", { exact: false }).first().fill(script);
    await page.locator(".command", { hasText: "<img" }).first().waitFor();

    assert.equal(await page.evaluate("window.harmed"), undefined);
    assert.equal(await page.locator("main img, main script").count(), 0);
    assert.doesNotMatch(
      (await page.locator("main").innerText()).replace(/[\s\S]*<textarea/, ""),
      /[\u202e\u2066]/,
    );
    assert.deepEqual(tab.faults, []);
  },
);

Deno.test("A place in the address that names anything does no harm", { ignore }, async () => {
  await using runtime = await startPaged(functions);
  await using tab = await openPage(runtime.trusted);
  const { page } = tab;
  for (const id of [script, "../../api/functions", "%", "a/b?c#d", turned, "__proto__"]) {
    const answered = page.waitForResponse((response) => response.url().includes("/api/functions/"));
    await page.evaluate(`location.hash = "#/functions/" + encodeURIComponent(${JSON.stringify(id)})`);
    assert.equal((await answered).status(), 404, id);
    await page.getByRole("alert").waitFor();
  }
  assert.equal(await page.evaluate("window.harmed"), undefined);
  // The console tells of each 404, which is the answer here.
  assert.deepEqual(tab.faults.filter((fault) => !fault.includes("404")), []);
});

Deno.test(
  "A payload of a megabyte shows its beginning at first, and costs the page little",
  { ignore },
  async () => {
    await using runtime = await startPaged(functions);
    await using broker = await connectBroker(runtime.broker);
    await broker.send("big", "\u202e<b>".repeat(150_000));
    await runtime.hopper.event("dead-lettered");
    await using tab = await openPage(runtime.trusted, "#/runs");
    const { page } = tab;
    await page.locator("tr[data-key]").first().click();
    await page.locator("aside pre").nth(1).waitFor();
    await page.getByText("only its beginning was kept").waitFor();
    await show(page, "#/dead", "Dead letters");
    await page.locator(".letter summary").click();
    await page.locator(".letter pre").first().waitFor();
    await show(page, "#/queues/big.dead", "Queues");
    await page.locator("aside details.message pre").first().waitFor();
    const nodes = await page.evaluate<number>("document.querySelectorAll('*').length");
    assert.ok(nodes < 5_000, `${nodes} elements`);
    assert.deepEqual(tab.faults, []);
  },
);
