/** The site from `deno task docs`, in a browser, below a path like that of a project's page. */

import assert from "node:assert/strict";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { buildSite } from "../../.ci/site.ts";
import { serveSite } from "../../.ci/site/serve.ts";
import { hasBrowser, openTab, startBrowser, type View } from "../support/browser.ts";
import { withFolder } from "../support/folder.ts";

const ignore = !await hasBrowser();

const narrow: View = { width: 400, scheme: "dark" };
const wide: View = { width: 1400, scheme: "light" };

/** The site, served below `/hopper/`, and a browser. */
async function openSite() {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await withFolder());
  await buildSite(folder.path);
  const { url } = stack.use(serveSite(folder.path, { path: "/hopper/" }));
  const browser = stack.use(await startBrowser());
  const pages = (await Array.fromAsync(Deno.readDir(folder.path), ({ name }) => name))
    .filter((name) => name.endsWith(".html"));
  const all = stack.move();
  Deno.test.afterAll(() => all.disposeAsync());
  return { url, pages, tab: (view: View) => openTab(browser, url, view) };
}

const site = ignore ? undefined! : await openSite();

/** Problems of a page for people with disabilities, as axe finds them: contrast, names, order of headings. */
async function barriers(page: Page): Promise<string[]> {
  return await page.evaluate(`axe.run().then(({ violations }) => violations.flatMap(({ help, nodes }) =>
    nodes.map(({ html }) => help + ": " + html)))`);
}

/** The addresses to which the site's pages link, and the addresses of the pages and their parts. */
async function addresses(page: Page, pages: string[]): Promise<{ links: string[]; targets: string[] }> {
  return await page.evaluate(`Promise.all(${JSON.stringify(pages)}.map(async (name) => {
    const url = new URL(name, location);
    const text = await fetch(url).then((response) => response.text());
    const parsed = new DOMParser().parseFromString(text, "text/html");
    return {
      links: [...parsed.querySelectorAll("[href]")].map((link) => new URL(link.getAttribute("href"), url).href),
      targets: [url.href, ...[...parsed.querySelectorAll("[id]")].map(({ id }) => url.href + "#" + id)],
    };
  })).then((found) => ({
    links: found.flatMap(({ links }) => links),
    targets: found.flatMap(({ targets }) => targets),
  }))`);
}

for (const view of [narrow, wide]) {
  Deno.test(`Every page of the site fits at ${view.width} px and has no error`, { ignore }, async () => {
    await using tab = await site.tab(view);
    for (const name of site.pages) {
      await tab.page.goto(site.url + name);
      assert.deepEqual(tab.faults, [], name);
      assert.equal(await tab.page.evaluate("document.documentElement.scrollWidth"), view.width, name);
      const missing =
        "[...document.images].filter(({ naturalWidth }) => naturalWidth === 0).map(({ src }) => src)";
      assert.deepEqual(await tab.page.evaluate(missing), [], name);
    }
  });

  Deno.test(
    `Pages of the site are accessible at ${view.width} px, ${view.scheme}`,
    { ignore },
    async () => {
      await using tab = await site.tab(view);
      await tab.page.context().addInitScript(axe.source);
      // One page with a table without a header, one with coloured code, and one with everything else.
      for (const name of ["testing.html", "rpc.html", "index.html"]) {
        await tab.page.goto(site.url + name);
        assert.deepEqual(await barriers(tab.page), [], name);
      }
    },
  );
}

Deno.test(
  "Every link in the site leads to an existing page, and to an existing part of it",
  { ignore },
  async () => {
    await using tab = await site.tab(wide);
    await tab.page.goto(site.url);
    const { links, targets } = await addresses(tab.page, site.pages);
    const known = new Set(targets);
    const own = links.filter((link) => link.startsWith(new URL(site.url).origin));
    assert.ok(own.length > 500);
    // Some lead to files that are no pages, such as the dashboard for Grafana.
    const broken: string[] = [];
    for (const link of new Set(own.filter((link) => !known.has(link)))) {
      const answer = await fetch(link);
      await answer.body?.cancel();
      if (!answer.ok || link.includes("#")) broken.push(link);
    }
    assert.deepEqual(broken, []);
  },
);

Deno.test("The site's search finds a page by a word, and works with the keyboard", { ignore }, async () => {
  await using tab = await site.tab(narrow);
  await tab.page.goto(site.url);
  await tab.page.keyboard.press("/");
  await tab.page.keyboard.type("idempotent");
  await tab.page.locator("#results a").first().waitFor();
  await tab.page.keyboard.press("ArrowDown");
  await tab.page.keyboard.press("Enter");
  await tab.page.waitForURL(`${site.url}faq.html`);

  await tab.page.keyboard.press("/");
  await tab.page.keyboard.type("Dead leters");
  await tab.page.locator("#results a", { hasText: "Dead letters" }).first().waitFor();
  await tab.page.keyboard.press("Escape");
  await tab.page.locator("#results").waitFor({ state: "hidden" });

  await tab.page.fill("#search", "zebra");
  await tab.page.getByText("Nothing about “zebra”").waitFor();
  assert.deepEqual(tab.faults, []);
});

Deno.test(
  "On the site the keyboard can skip to the text, and open the menu on a narrow screen",
  { ignore },
  async () => {
    await using tab = await site.tab(narrow);
    const focused = () =>
      tab.page.evaluate("document.activeElement.id || document.activeElement.textContent");
    await tab.page.goto(site.url);
    await tab.page.keyboard.press("Tab");
    await tab.page.keyboard.press("Enter");
    assert.equal(await focused(), "content");

    await tab.page.reload();
    while (await focused() !== "menu-button") await tab.page.keyboard.press("Tab");
    assert.equal(await tab.page.locator("#menu").isVisible(), false);
    await tab.page.keyboard.press("Enter");
    while (await focused() !== "RPC") await tab.page.keyboard.press("Tab");
    await tab.page.keyboard.press("Enter");
    await tab.page.waitForURL(`${site.url}rpc.html`);
    await using big = await site.tab(wide);
    await big.page.goto(`${site.url}rpc.html`);
    assert.equal(await big.page.locator("#menu [aria-current=page]").textContent(), "RPC");
  },
);
