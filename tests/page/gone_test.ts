/** The page of a runtime that does not do what is asked of it. */

import assert from "node:assert/strict";
import { fakeAnswers, fakeFunction, fakeRun, problem, serveFake } from "../support/fake_admin.ts";
import { ignore, openPage, show } from "./opened.ts";

Deno.test("A runtime that is gone is told, and the page goes on when it is back", { ignore }, async () => {
  const answers = fakeAnswers([fakeFunction("hello")]);
  const first = serveFake(answers);
  await using tab = await openPage(first.url);
  const { page } = tab;
  await page.getByRole("link", { name: "hello" }).waitFor();
  await first[Symbol.asyncDispose]();
  await page.getByText("The runtime does not answer").waitFor();
  await page.getByRole("link", { name: "hello" }).waitFor();

  answers.functions = { ...answers.functions, functions: [fakeFunction("hello"), fakeFunction("later")] };
  await using _second = serveFake(answers, first.port);
  await page.getByRole("link", { name: "later" }).waitFor();
  await page.getByText("The runtime does not answer").waitFor({ state: "detached" });
});

Deno.test(
  "An error of the API is shown in its view with its reason, and goes when it is over",
  { ignore },
  async () => {
    const answers = fakeAnswers([fakeFunction("hello")]);
    answers.instead.set("GET /api/queues", () => problem(503, "The broker is not connected <b>now</b>"));
    answers.instead.set("GET /api/functions/gone", () => problem(404, "No function 'gone' is served here"));
    answers.instead.set("GET /api/topology", () => new Response("<html>proxy</html>", { status: 502 }));
    await using server = serveFake(answers);
    await using tab = await openPage(server.url, "#/queues");
    const { page } = tab;
    await page.getByRole("alert").getByText("The broker is not connected <b>now</b>").waitFor();
    answers.instead.delete("GET /api/queues");
    await page.getByRole("alert").waitFor({ state: "detached" });

    await show(page, "#/functions/gone", "gone");
    await page.getByRole("alert").getByText("No function 'gone' is served here").waitFor();
    await show(page, "#/topology", "Topology");
    await page.getByRole("alert").getByText("<html>proxy</html>").waitFor();
  },
);

Deno.test(
  "An answer that the page does not understand takes down its view and no other",
  { ignore },
  async () => {
    const answers = fakeAnswers([fakeFunction("hello")]);
    answers.instead.set("GET /api/queues", () => Response.json({ queues: [{}] }));
    await using server = serveFake(answers);
    await using tab = await openPage(server.url);
    const { page } = tab;
    await page.evaluate("location.hash = '#/queues'");
    await page.getByText("This view has failed").waitFor();
    await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Functions" }).click();
    await page.getByRole("link", { name: "hello" }).waitFor();
  },
);

Deno.test("A view asks only for what it shows, and nothing while its tab is hidden", { ignore }, async () => {
  const answers = fakeAnswers([fakeFunction("hello")]);
  answers.runs = [fakeRun(0)];
  await using server = serveFake(answers);
  await using tab = await openPage(server.url, "#/settings");
  const { page } = tab;
  const asked = () => server.asked.filter((each) => each.includes("/api/"));
  const next = async (path: string, count: number) => {
    while (asked().filter((each) => each.startsWith(`GET ${path}`)).length < count) {
      await page.waitForResponse((response) => response.url().includes(path));
    }
  };
  await next("/api/functions", 2);
  assert.deepEqual([...new Set(asked())], ["GET /api/functions"]);
  await show(page, "#/runs", "Runs");
  await next("/api/runs", 3);
  assert.deepEqual([...new Set(asked())].sort(), ["GET /api/functions", "GET /api/runs?limit=100"]);

  // Chromium without a window never hides a tab, so the page is told that it did.
  await page.evaluate(
    `Object.defineProperty(document, "hidden", { get: () => window.isHidden, configurable: true });
    window.isHidden = true; document.dispatchEvent(new Event("visibilitychange"))`,
  );
  await page.evaluate("fetch('/api/queues').then((response) => response.text())");
  const before = asked().length;
  await page.evaluate("new Promise((resolve) => setTimeout(resolve, 2500))");
  assert.ok(asked().length - before <= 1, `${asked().slice(before)}`);
  await page.evaluate("window.isHidden = false; document.dispatchEvent(new Event('visibilitychange'))");
  await next("/api/runs", asked().filter((each) => each.includes("/api/runs")).length + 1);
  assert.deepEqual(tab.faults, []);
});
