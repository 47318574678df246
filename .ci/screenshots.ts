/**
 * Takes the pictures of the page in README.md, from a runtime that has work: `deno task screenshots` writes them to `docs/`.
 * It needs Debian's chromium.
 */

import { connect } from "../runtime/client/mod.ts";
import { openTab, startBrowser } from "../tests/support/browser.ts";
import { startPaged } from "../tests/page/runtime.ts";

/** What the runtime of the pictures runs. */
const functions = {
  "orders/place": `/** Reserves stock for an order, and announces it. */
export default queue("orders", { retry: { attempts: 3, delay: "2s" }, emits: { shop: "topic" } }, async (order, { log, publish }) => {
    log.info("Order " + order.id + ": " + order.items.join(", "));
    await new Promise((resolve) => setTimeout(resolve, 8 + order.id % 40));
    if (order.items.includes("anvil")) throw new TypeError("No stock of anvil in warehouse 3");
    await publish("shop", "order.placed", order);
  });`,
  "mail/confirm": `export default topic("shop", "order.placed", async () => {
    await new Promise((resolve) => setTimeout(resolve, 30 + Math.random() * 60));
  });`,
  audit: `export default topic("shop", "#", () => {});`,
  signups: `export default fanout("users", () => {});`,
  price: `export default rpc("price", ({ items }) => ({ total: 4.2 * items.length }));`,
};

/** Has orders placed for some seconds, as in a shop. */
async function work(url: string, seconds: number): Promise<void> {
  await using client = await connect(url);
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  for (let id = 1000; id < 1000 + 4 * seconds; id++) {
    const items = id % 23 === 0 ? ["anvil", "bolt"] : ["bolt", "nut"];
    await client.send("orders", { id, items });
    if (id % 3 === 0) await client.call("price", { items });
    if (id % 9 === 0) await client.publish("users", "", { id });
    await wait(150 + 100 * Math.sin(id / 12));
  }
}

const pictures = [
  { file: "page-topology.webp", place: "#/topology", scheme: "light", height: 420, shown: ".drawing .busy" },
  { file: "page-run.webp", place: "#/runs", scheme: "dark", height: 640, shown: "tr[data-key]" },
] as const;

if (import.meta.main) {
  await using runtime = await startPaged(functions);
  await using browser = await startBrowser();
  await work(runtime.broker, 45);
  const further = work(runtime.broker, 10);
  for (const { file, place, scheme, height, shown } of pictures) {
    await using tab = await openTab(browser, runtime.url, { width: 1200, scheme });
    const { page } = tab;
    await page.setViewportSize({ width: 1200, height });
    await page.goto(runtime.trusted);
    await page.evaluate(`location.hash = "${place}"`);
    await page.locator(shown).first().waitFor();
    const dead = page.locator("tr[data-key]", { hasText: "dead" }).first();
    if (place === "#/runs") {
      await dead.click();
      await page.locator("aside .timeline").waitFor();
    }
    const session = await page.context().newCDPSession(page);
    const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 85 });
    const bytes = Uint8Array.fromBase64(data);
    const url = new URL(`../docs/${file}`, import.meta.url);
    await Deno.writeFile(url, bytes);
    console.log(`${url.pathname}   ${Math.ceil(bytes.length / 1024)} KB`);
  }
  await further;
}
