import assert from "node:assert/strict";
import fc from "fast-check";
import { globMatches } from "../../../runtime/core/settings/glob.ts";

Deno.test("A glob without a star matches only that name", () => {
  assert.ok(globMatches("billing.charge", "billing.charge"));
  assert.ok(!globMatches("billing.charge", "billing.charges"));
  assert.ok(!globMatches("billing.charge", "billingxcharge"), "a dot is a dot");
  assert.ok(!globMatches("Billing", "billing"), "case counts");
});

Deno.test("A star in a glob matches any characters, including dots", () => {
  assert.ok(globMatches("*", "anything.at.all"));
  assert.ok(globMatches("billing.*", "billing.charge"));
  assert.ok(globMatches("billing.*", "billing.eu.charge"));
  assert.ok(globMatches("*.charge", "billing.eu.charge"));
  assert.ok(globMatches("b*g.*e", "billing.charge"));
  assert.ok(!globMatches("billing.*", "billing"), "the dot has to be there");
});

Deno.test("A glob has no special character except the star", () => {
  fc.assert(fc.property(fc.string().filter((text) => !text.includes("*")), fc.string(), (glob, name) => {
    assert.equal(globMatches(glob, name), glob === name);
  }));
});

Deno.test("A glob matches itself with any text in place of its stars", () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 5 }), (parts) => {
    const glob = parts.map(([text]) => text.replaceAll("*", "")).join("*");
    const name = parts.map(([text], i) => (i === 0 ? "" : parts[i]![1]) + text.replaceAll("*", "")).join("");
    assert.ok(globMatches(glob, name), `${glob} ${name}`);
  }));
});

Deno.test("The parts of a glob do not overlap in a name", () => {
  assert.ok(!globMatches("ab*bc", "abc"));
  assert.ok(globMatches("ab*bc", "abbc"));
  assert.ok(globMatches("a*b*", "aab"));
});

Deno.test("A glob with many stars is matched quickly", () => {
  assert.ok(!globMatches("*a".repeat(100), "a".repeat(10_000) + "b"));
});
