/** Debian's Chromium, driven by Playwright. */

import { type Browser, chromium, type Page } from "playwright-core";
import { leaveOut } from "./rabbitmq.ts";

const program = "/usr/bin/chromium";

/** The window in which a page is shown. */
export interface View {
  /** In pixels. */
  readonly width: number;
  readonly scheme: "light" | "dark";
}

/** One tab of the browser, and its errors. */
export interface Tab extends AsyncDisposable {
  readonly page: Page;
  /** Messages on the console, script errors, failed requests, and requests to hosts other than `origin`. */
  readonly faults: readonly string[];
}

/** Whether Chromium is installed. Prints a notice if it is not. */
export async function hasBrowser(): Promise<boolean> {
  const found = await Deno.stat(program).then(() => true, () => false);
  if (!found) leaveOut("Chromium", "chromium");
  return found;
}

/** Starts the browser. It ends when it goes out of scope. */
export async function startBrowser(): Promise<Browser & AsyncDisposable> {
  // Chromium has no sandbox for root, and it loads only our own pages.
  return await chromium.launch({ executablePath: program, args: ["--no-sandbox", "--disable-gpu"] });
}

/** Opens a tab that records errors on pages of this origin. */
export async function openTab(browser: Browser, origin: string, { width, scheme }: View): Promise<Tab> {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: scheme,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => faults.push(`console ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(origin)) faults.push(`asked another host: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
  });
  return { page, faults, [Symbol.asyncDispose]: () => context.close() };
}
