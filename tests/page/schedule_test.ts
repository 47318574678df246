/** The page of a schedule, as somebody uses it. */

import assert from "node:assert/strict";
import { ignore, openPage } from "./opened.ts";
import { startPaged } from "./runtime.ts";

const nightly = `import { schedule } from "hopper";
export default schedule("0 3 * * *", { timezone: "Europe/Berlin" }, (tick, { log }) =>
  log.info("Fired by hand: " + tick.manual));`;

Deno.test(
  "A schedule is fired on its page, which shows the run and asks for no input",
  { ignore },
  async () => {
    await using runtime = await startPaged({ nightly });
    await using tab = await openPage(runtime.trusted, "#/functions/nightly");
    const { page } = tab;
    const card = page.locator("section.invoke");
    await card.getByText("It gets a tick that says it was fired by hand.").waitFor();
    assert.equal(await card.getByRole("textbox").count(), 0);
    const shown = await card.locator(".command code").allTextContents();
    assert.match(shown[0]!, /^deno run -A \S+ fire nightly$/);

    await card.getByRole("button", { name: "Fire now", exact: true }).click();
    await page.locator(".answer .badge", { hasText: "ok" }).waitFor();
    await page.getByRole("link", { name: "Open its run" }).click();
    await page.locator(".lines", { hasText: "Fired by hand: true" }).waitFor();
    assert.equal(runtime.hopper.count("handled"), 1);
    assert.deepEqual(tab.faults, []);
  },
);

Deno.test("Without the token a schedule cannot be fired on its page", { ignore }, async () => {
  await using runtime = await startPaged({ nightly });
  await using tab = await openPage(runtime.url, "#/functions/nightly");
  const fire = tab.page.getByRole("button", { name: "Fire now", exact: true });
  await fire.waitFor();
  assert.equal(await fire.isDisabled(), true);
  assert.deepEqual(tab.faults, []);
});
