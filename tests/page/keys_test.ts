/** The page without a mouse. */

import assert from "node:assert/strict";
import { fakeAnswers, fakeFunction, fakeRun, serveFake } from "../support/fake_admin.ts";
import { ignore, openPage, show } from "./opened.ts";

const focused = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent";

function answersWithRuns() {
  const answers = fakeAnswers([fakeFunction("hello"), fakeFunction("mail")]);
  answers.runs = Array.from({ length: 60 }, (_, i) => fakeRun(i));
  return answers;
}

Deno.test("j and k go through the rows, Enter opens one, Escape closes it", { ignore }, async () => {
  await using server = serveFake(answersWithRuns());
  await using tab = await openPage(server.url, "#/runs");
  const { page } = tab;
  await page.locator("tr[data-key=run-0]").waitFor();
  for (const key of ["j", "j", "j", "k"]) await page.keyboard.press(key);
  await page.locator("tr[data-key=run-1] a:focus").waitFor();
  await page.keyboard.press("Enter");
  await page.locator("aside", { hasText: "message-1" }).waitFor();

  await page.keyboard.press("j");
  await page.locator("aside", { hasText: "message-2" }).waitFor();
  await page.keyboard.press("Escape");
  await page.locator("aside").waitFor({ state: "detached" });

  for (let i = 0; i < 40; i++) await page.keyboard.press("j");
  await page.locator("tr[data-key=run-42] a:focus").waitFor();
  assert.deepEqual(tab.faults, []);
});

Deno.test("g and a letter go to a view, / searches, f filters, ? shows all keys", { ignore }, async () => {
  await using server = serveFake(answersWithRuns());
  await using tab = await openPage(server.url);
  const { page } = tab;
  for (
    const [key, title] of [
      ["q", "Queues"],
      ["d", "Dead letters"],
      ["t", "Topology"],
      ["s", "Settings"],
      ["f", "Functions"],
      ["r", "Runs"],
    ]
  ) {
    await page.keyboard.press("g");
    await page.keyboard.press(key!);
    await page.locator("main h1", { hasText: title }).waitFor();
    assert.equal(await page.locator("nav [aria-current=page]").first().textContent(), title);
    await page.waitForFunction(`document.title === "${title} · Hopper"`);
  }
  await page.locator("tr[data-key=run-0]").waitFor();
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(focused), "Search runs");
  await page.keyboard.type("jkf?");
  assert.equal(await page.getByLabel("Search runs").inputValue(), "jkf?");
  await page.getByLabel("Search runs").fill("");
  await page.keyboard.press("Escape");
  await page.keyboard.press("f");
  assert.equal(await page.evaluate(focused), "Function");
  await page.keyboard.press("Escape");

  await page.keyboard.press("?");
  const dialog = page.locator("dialog[open]");
  for (const does of ["Next row", "Search", "Filter", "Open the row", "Dead letters"]) {
    await dialog.getByText(does, { exact: true }).waitFor();
  }
  await page.keyboard.press("j");
  assert.equal(await page.locator("tr a:focus").count(), 0);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.deepEqual(tab.faults, []);
});

Deno.test("The theme follows the system until it is switched, and the choice stays", { ignore }, async () => {
  await using server = serveFake(answersWithRuns());
  await using tab = await openPage(server.url, "#/settings", { width: 1400, scheme: "dark" });
  const { page } = tab;
  const ground = "getComputedStyle(document.body).backgroundColor";
  const dark = await page.evaluate(ground);
  await page.getByLabel("Switch between light and dark").click();
  const light = await page.evaluate(ground);
  assert.notEqual(light, dark);
  await page.reload();
  await page.locator("main h1").waitFor();
  assert.equal(await page.evaluate(ground), light);
  await page.getByText("system", { exact: true }).click();
  assert.equal(await page.evaluate(ground), dark);
  await show(page, "#/runs", "Runs");
  assert.deepEqual(tab.faults, []);
});
