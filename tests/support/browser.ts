/** Debian's Chromium, driven by Playwright. */

import { type Browser, chromium, type Page } from "playwright-core";
import { leaveOut } from "./rabbitmq.ts";

const program = "/usr/bin/chromium";

/** How a page is looked at. */
export interface View {
  /** Pixels. */
  readonly width: number;
  readonly scheme: "light" | "dark";
}

/** One tab of the browser, and what it met. */
export interface Tab extends AsyncDisposable {
  readonly page: Page;
  /** What the console said, errors of scripts, requests that failed, and requests to other hosts than `origin`. */
  readonly faults: readonly string[];
}

/** Whether Chromium is installed; says so if it is not. */
export async function hasBrowser(): Promise<boolean> {
  const found = await Deno.stat(program).then(() => true, () => false);
  if (!found) leaveOut("Chromium", "chromium");
  return found;
}

/** Starts the browser; it ends with the scope. */
export async function startBrowser(): Promise<Browser & AsyncDisposable> {
  // Chromium has no sandbox for root, and it only meets pages of our own.
  return await chromium.launch({ executablePath: program, args: ["--no-sandbox", "--disable-gpu"] });
}

/** Opens a tab that tells what goes wrong on pages of this origin. */
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
