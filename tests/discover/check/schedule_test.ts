import assert from "node:assert/strict";
import { queue, schedule } from "../../../runtime/mod.ts";
import type { ScheduleOptions } from "../../../runtime/core/triggers/schedule.ts";
import { declared, problems } from "../../support/declared.ts";

const said = (expression: string, options: ScheduleOptions = {}) =>
  problems(schedule(expression, options, () => {})).map(({ message, fix }) => `${message}; ${fix}`);

Deno.test("A schedule's expression and time zone say when it is due", () => {
  const { recurrence } = declared(schedule("0 3 * * *", { timezone: "Europe/Berlin" }, () => {}));
  const next = recurrence!.next(Date.parse("2026-11-29T12:00:00Z"))!;
  assert.equal(new Date(next).toISOString(), "2026-11-30T02:00:00.000Z");
});

Deno.test("A wrong cron line is refused, and the error says what is wrong with it", () => {
  const fields =
    'write five fields: minute, hour, day of the month, month, day of the week, as in "0 3 * * 1-5"; a ' +
    "sixth, before them, is the second";
  const expected = {
    "": `'' is not a cron line: it is empty; ${fields}`,
    "0 3 * *": `'0 3 * *' is not a cron line: it has 4 fields; ${fields}`,
    "2026-11-29T03:00:00": `'2026-11-29T03:00:00' is not a cron line: it has 1 field; ${fields}`,
    "0 0 3 * * * 2026": `'0 0 3 * * * 2026' is not a cron line: it has 7 fields; ${fields}`,
  };
  for (const [line, message] of Object.entries(expected)) assert.deepEqual(said(line), [message]);
  for (const line of ["61 3 * * *", "0 25 * * *", "0 3 * * LUNDI", "a b c d e", "*/0 * * * *"]) {
    assert.match(said(line).join(), new RegExp("^'.*' is not a cron line: .*; write five fields: "), line);
  }
  assert.match(said("@fortnightly").join(), /^'@fortnightly' is none of @yearly, /);
  assert.match(said("@reboot").join(), /^'@reboot' is none of @yearly, /);
});

Deno.test("A schedule that never comes is refused", () => {
  for (const line of ["0 3 30 2 *", "0 3 31 4 *", "0 3 31 2,4,6,9,11 *"]) {
    assert.match(said(line).join(), /' never comes: no day has that date; write a day that the month has/);
  }
  assert.deepEqual(said("0 3 29 2 *"), []);
});

Deno.test("A wrong interval is refused", () => {
  assert.match(said("every 0s").join(), /more often than every 100 ms/);
  assert.match(said("every now and then").join(), /is not an interval; write it like "every 30s"/);
});

Deno.test("An unknown time zone is refused, and the nearest one is named", () => {
  const [problem] = said("0 3 * * *", { timezone: "Europe/Berln" });
  assert.match(problem!, /^Option 'timezone': expected a time zone, .*did you mean 'Europe\/Berlin'\?/);
  for (const timezone of ["+01:00", "", "Mars/Olympus", 7 as unknown as string]) {
    assert.match(said("0 3 * * *", { timezone }).join(), /^Option 'timezone': expected a time zone/);
  }
});

Deno.test("A schedule that is no text is refused", () => {
  assert.match(
    said(7 as unknown as string).join(),
    /^The schedule is 7, expected a string; write: schedule\(/,
  );
});

Deno.test("Settings that do not go with a schedule are refused", () => {
  const wrong: [ScheduleOptions & { codec?: string; input?: unknown; batch?: unknown }, string][] = [
    [{ ack: "none" }, "Option 'ack' does not go with a schedule"],
    [{ declare: "passive" }, "Option 'declare' does not go with a schedule"],
    [{ exclusive: true }, "Option 'exclusive' does not go with a schedule"],
    [{ durable: false }, "Option 'durable' does not go with a schedule"],
    [{ codec: "text" }, "Option 'codec' does not go with a schedule"],
    [
      { input: { "~standard": { version: 1, vendor: "zod", validate: () => ({ value: 1 }) } } },
      "Option 'input' does not",
    ],
    [
      { prefetch: 5 },
      "Option 'prefetch' is more than 1, and the ticks of a schedule run one after the other",
    ],
    [{ concurrency: 2 }, "Option 'concurrency' is more than 1"],
    [{ instances: 2 }, "Option 'instances' is more than 1"],
    [{ batch: { size: 5 } }, "Option 'batch' does not go with a schedule: each tick is run by itself"],
    [{ exchange: {} }, "Option 'exchange' says how an exchange trigger's own is declared"],
  ];
  for (const [options, message] of wrong) {
    const [first = "", ...others] = said("0 3 * * *", options as ScheduleOptions);
    assert.ok(first.startsWith(message), `${message}: ${first}`);
    assert.deepEqual(others, []);
  }
  assert.match(
    said("every 5m", { timezone: "Europe/Berlin" }).join(),
    /^Option 'timezone' has no effect on 'every 5m'/,
  );
});

Deno.test("With overlap, several ticks may run at the same time", () => {
  const { settings } = declared(schedule("every 1s", { overlap: true, concurrency: 3 }, () => {}));
  assert.deepEqual([settings.prefetch, settings.concurrency], [20, 3]);
});

Deno.test("Without overlap, one tick runs at a time, whatever the operator's defaults are", () => {
  const config = { defaults: { prefetch: 50, instances: 4, timezone: "Europe/Berlin" } };
  const { settings } = declared(schedule("every 1s", () => {}), { config });
  assert.deepEqual([settings.prefetch, settings.concurrency, settings.instances], [1, 1, 1]);
});

Deno.test("A schedule's settings are refused for other triggers, but may be an operator's defaults", () => {
  const messages = problems(queue("orders", { catchUp: "all", overlap: true }, () => {})).map(({ message }) =>
    message
  );
  assert.deepEqual(messages, [
    "Option 'catchUp' is for a schedule, and this is a queue trigger",
    "Option 'overlap' is for a schedule, and this is a queue trigger",
  ]);
  assert.deepEqual(
    problems(queue("orders", () => {}), { config: { defaults: { timezone: "Europe/Berlin" } } }),
    [],
  );
});
