import assert from "node:assert/strict";
import fc from "fast-check";
import { type Duration, parseDuration, toMilliseconds } from "../../../runtime/core/api/duration.ts";

Deno.test("A duration is a number of milliseconds, or a string with a unit", () => {
  assert.equal(parseDuration(1500), 1500);
  assert.equal(parseDuration(0), 0);
  assert.equal(parseDuration("250ms"), 250);
  assert.equal(parseDuration("30s"), 30_000);
  assert.equal(parseDuration("5m"), 300_000);
  assert.equal(parseDuration("1h"), 3_600_000);
  assert.equal(parseDuration("2d"), 172_800_000);
});

Deno.test("A duration with a fraction is rounded to whole milliseconds", () => {
  assert.equal(parseDuration("1.5s"), 1500);
  assert.equal(parseDuration("0.5ms"), 1);
  assert.equal(parseDuration("1.0004s"), 1000);
});

Deno.test("Other values are not a duration", () => {
  const others = [
    "",
    "5",
    "s",
    "5 s",
    " 5s",
    "5s\n",
    "-5s",
    "+5s",
    "5S",
    "5sec",
    "1m30s",
    ".5s",
    "5.s",
    "1e3ms",
    "٣s",
    "Infinitys",
    -1,
    1.5,
    NaN,
    Infinity,
    2 ** 53,
    5n,
    null,
    undefined,
    true,
    {},
    [],
    ["5s"],
  ];
  for (const value of others) {
    assert.equal(parseDuration(value), undefined, `${typeof value} ${String(value)}`);
  }
});

Deno.test("A duration too long to be counted in milliseconds is refused", () => {
  assert.equal(parseDuration(`${"9".repeat(400)}d`), undefined);
});

Deno.test("A duration's unit multiplies its number", () => {
  const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  fc.assert(
    fc.property(fc.nat(10_000), fc.constantFrom(...Object.entries(units)), (amount, [unit, factor]) => {
      assert.equal(parseDuration(`${amount}${unit}`), amount * factor);
    }),
  );
});

Deno.test("A wrong duration is refused with the correct forms", () => {
  const refused = (value: unknown) => {
    try {
      toMilliseconds(value as Duration, "timeout");
    } catch (error) {
      assert.ok(error instanceof TypeError);
      return error.message;
    }
  };
  const expected = 'timeout: expected milliseconds as a whole number, or "250ms", "30s", "5m", "1h", "2d"';

  assert.equal(toMilliseconds("5s", "timeout"), 5000);
  assert.equal(refused("soon"), `${expected}, got "soon"`);
  assert.equal(refused(NaN), `${expected}, got NaN`);
  assert.equal(refused(5n), `${expected}, got 5n`);
});
