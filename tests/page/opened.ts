/** What the tests of the page share: a tab on it, and what axe finds. */

import assert from "node:assert/strict";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { hasBrowser, openTab, startBrowser, type Tab, type View } from "../support/browser.ts";

/** Whether there is no browser, so that a test is left out. */
export const ignore = !await hasBrowser();

const browser: Browser = ignore ? undefined! : await startBrowser();
if (!ignore) Deno.test.afterAll(() => browser.close());

export const wide: View = { width: 1400, scheme: "light" };
export const narrow: View = { width: 400, scheme: "light" };

/** A tab on the page, at a place such as `#/runs`. Script errors and breaches of the CSP are among its faults. */
export async function openPage(url: string, place = "", view = wide): Promise<Tab> {
  const tab = await openTab(browser, new URL(url).origin, view);
  await tab.page.context().addInitScript(axe.source);
  await tab.page.goto(place === "" ? url : url.replace(/#.*|$/, place));
  await tab.page.locator("main h1").first().waitFor();
  return tab;
}

/** Goes to a view of an open page. */
export async function show(page: Page, place: string, heading: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(place)}`);
  await page.locator("main h1", { hasText: heading }).waitFor();
}

/** The serious faults that axe finds: contrast, names, order, keyboard. */
export async function barriers(page: Page): Promise<string[]> {
  return await page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, help, nodes }) => nodes.map(({ html }) => id + ": " + help + ": " + html.slice(0, 300))))`);
}

/** Fails if the page is wider than its window. */
export async function assertFits(page: Page, where: string): Promise<void> {
  const [whole, window] = await page.evaluate<[number, number]>(
    "[document.documentElement.scrollWidth, innerWidth]",
  );
  assert.ok(whole <= window, `${where} is ${whole} px wide in a window of ${window} px`);
}
