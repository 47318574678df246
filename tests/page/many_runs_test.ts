/** Lists of ten thousand runs. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { connect } from "../../runtime/client/mod.ts";
import { fakeAnswers, fakeFunction, fakeRun, serveFake } from "../support/fake_admin.ts";
import { ignore, openPage } from "./opened.ts";
import { startPaged } from "./runtime.ts";

const total = 10_000;

function many() {
  const answers = fakeAnswers([fakeFunction("hello")]);
  answers.runs = Array.from({ length: total }, (_, i) => fakeRun(i));
  return answers;
}

/** What scrolling cost. `cpu` is the page's own processor time in milliseconds, which other programs do not change. */
interface Cost {
  readonly screens: number;
  readonly cpu: number;
  readonly longTasks: number;
  readonly longest: number;
}

/** Scrolls the list until no more rows are added. */
async function scrollToEnd(page: Page): Promise<Cost> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const cpu = async () =>
    1_000 *
    (await session.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration")!.value;
  const before = await cpu();
  const seen = await page.evaluate<Omit<Cost, "cpu">>(`(async () => {
    const tasks = [];
    const watch = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
    watch.observe({ type: "longtask" });
    const list = document.querySelector(".list");
    const table = list.querySelector("table");
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const isAtEnd = () => list.scrollTop + list.clientHeight >= list.scrollHeight - 1;
    let screens = 0;
    while (Number(table.getAttribute("aria-rowcount")) <= ${total} || !isAtEnd()) {
      if (!isAtEnd()) screens++;
      list.scrollTop += 4 * list.clientHeight;
      await frame();
    }
    await frame();
    watch.disconnect();
    return { screens, longTasks: tasks.length, longest: Math.max(0, ...tasks) };
  })()`);
  return { ...seen, cpu: await cpu() - before };
}

Deno.test(
  "Ten thousand runs are scrolled through without a stutter, and only those that are seen are drawn",
  {
    ignore,
  },
  async () => {
    await using runtime = await startPaged({
      hello: `export default queue("hello", { prefetch: 100 }, () => {});`,
    });
    await using client = await connect(runtime.broker);
    const handled = runtime.hopper.events("handled", total, {}, { timeout: 120_000 });
    for (let sent = 0; sent < total; sent += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, i) => client.send("hello", { number: sent + i })));
    }
    await handled;
    await using tab = await openPage(runtime.trusted, "#/runs");
    await tab.page.locator("tr[data-key]").first().waitFor();
    const { screens, cpu, longTasks, longest } = await scrollToEnd(tab.page);

    await tab.page.locator(`tr[aria-rowindex="${total + 1}"]`).waitFor();
    const rows = await tab.page.locator("tr[data-key]").count();
    const each = cpu / screens;
    console.log(
      `  ${screens} times four screens, ${each.toFixed(1)} ms of processor time each, ${rows} rows drawn; ` +
        `tasks over 50 ms on this machine now: ${longTasks}, the longest ${Math.round(longest)} ms`,
    );
    assert.ok(rows < 100, `${rows} rows`);
    assert.ok(each < 100, `It took ${each} ms of processor time`);
    assert.deepEqual(tab.faults, []);
  },
);

Deno.test(
  "New runs come in at the top, and move no row while older ones are looked at",
  { ignore },
  async () => {
    const answers = many();
    await using server = serveFake(answers);
    await using tab = await openPage(server.url, "#/runs");
    const { page } = tab;
    await page.locator("tr[data-key=run-0]").waitFor();

    answers.runs = [fakeRun(-1), ...answers.runs];
    await page.locator("tr[data-key=run--1]").waitFor();

    await page.evaluate("document.querySelector('.list').scrollTop = 1000");
    const row = page.locator("tr[data-key=run-32]");
    await row.waitFor();
    const place = await row.getAttribute("aria-rowindex");
    answers.runs = [fakeRun(-3), fakeRun(-2), ...answers.runs];
    await page.getByRole("button", { name: "2 new" }).waitFor();
    assert.equal(await row.getAttribute("aria-rowindex"), place);
    assert.equal(await page.evaluate("document.querySelector('.list').scrollTop"), 1000);

    await page.getByRole("button", { name: "2 new" }).click();
    await page.locator("tr[data-key=run--3]").waitFor();
    assert.deepEqual(tab.faults, []);
  },
);

Deno.test(
  "A run that goes on while the list moves on is shown as ended once it has",
  { ignore },
  async () => {
    const answers = many();
    answers.runs = answers.runs.map((run, i) => i === 150 ? { ...run, status: "running" as const } : run);
    await using server = serveFake(answers);
    await using tab = await openPage(server.url, "#/runs");
    const { page } = tab;
    await page.locator("tr[data-key=run-0]").waitFor();
    await page.evaluate(`(async () => {
      const list = document.querySelector(".list");
      while (!document.querySelector("tr[data-key=run-150]")) {
        list.scrollTop += 300;
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    })()`);
    const row = page.locator("tr[data-key=run-150]");
    await row.getByText("running").waitFor();
    answers.runs = answers.runs.map((run) =>
      run.id === "run-150" ? { ...run, status: "failed" as const } : run
    );
    await row.getByText("failed").waitFor();
    assert.deepEqual(tab.faults, []);
  },
);

Deno.test(
  "Runs are filtered by function, status, time and text, and the address says how",
  { ignore },
  async () => {
    const answers = many();
    answers.functions = { ...answers.functions, functions: [fakeFunction("hello"), fakeFunction("mail")] };
    answers.runs = answers.runs.slice(0, 50).map((run, i) => ({
      ...run,
      function: i % 2 ? "mail" : "hello",
      status: i % 5 ? "ok" as const : "failed" as const,
    }));
    await using server = serveFake(answers);
    await using tab = await openPage(server.url, "#/runs");
    const { page } = tab;
    const rows = page.locator("tr[data-key]");
    await page.locator("tr[data-key=run-1]").waitFor();
    await page.getByLabel("Function", { exact: true }).selectOption("hello");
    await page.getByLabel("Status", { exact: true }).selectOption("failed");
    await page.getByLabel("Time", { exact: true }).selectOption("1h");
    await page.getByLabel("Search runs").fill("message-2");
    await page.locator("tr[data-key=run-0]").waitFor({ state: "detached" });
    await page.locator("tr[data-key=run-20]").waitFor();
    assert.equal(await rows.count(), 1);
    assert.equal(
      await page.evaluate("location.hash"),
      "#/runs?function=hello&status=failed&since=1h&search=message-2",
    );
    assert.ok(
      server.asked.some((each) => each.includes("function=hello&status=failed&since=1h&search=message-2")),
    );

    await page.reload();
    await page.locator("tr[data-key=run-20]").waitFor();
    assert.equal(await rows.count(), 1);

    await page.getByLabel("Search runs").fill("nothing like that");
    await page.getByText("No run is like that").waitFor();
    await page.getByRole("button", { name: "Show all runs" }).click();
    await page.locator("tr[data-key=run-0]").waitFor();
    assert.deepEqual(tab.faults, []);
  },
);
