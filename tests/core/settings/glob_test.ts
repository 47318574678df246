import assert from "node:assert/strict";
import fc from "fast-check";
import { globMatches } from "../../../runtime/core/settings/glob.ts";

Deno.test("A name fits itself alone", () => {
  assert.ok(globMatches("billing.charge", "billing.charge"));
  assert.ok(!globMatches("billing.charge", "billing.charges"));
  assert.ok(!globMatches("billing.charge", "billingxcharge"), "a dot is a dot");
  assert.ok(!globMatches("Billing", "billing"), "case counts");
});

Deno.test("A star is any run of characters, dots included", () => {
  assert.ok(globMatches("*", "anything.at.all"));
  assert.ok(globMatches("billing.*", "billing.charge"));
  assert.ok(globMatches("billing.*", "billing.eu.charge"));
  assert.ok(globMatches("*.charge", "billing.eu.charge"));
  assert.ok(globMatches("b*g.*e", "billing.charge"));
  assert.ok(!globMatches("billing.*", "billing"), "the dot has to be there");
});

Deno.test("No other character is special", () => {
  fc.assert(fc.property(fc.string().filter((text) => !text.includes("*")), fc.string(), (glob, name) => {
    assert.equal(globMatches(glob, name), glob === name);
  }));
});

Deno.test("A glob fits what its stars are replaced with", () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 5 }), (parts) => {
    const glob = parts.map(([text]) => text.replaceAll("*", "")).join("*");
    const name = parts.map(([text], i) => (i === 0 ? "" : parts[i]![1]) + text.replaceAll("*", "")).join("");
    assert.ok(globMatches(glob, name), `${glob} ${name}`);
  }));
});

Deno.test("A piece of the name is used once", () => {
  assert.ok(!globMatches("ab*bc", "abc"));
  assert.ok(globMatches("ab*bc", "abbc"));
  assert.ok(globMatches("a*b*", "aab"));
});

Deno.test("Many stars take no long time", () => {
  assert.ok(!globMatches("*a".repeat(100), "a".repeat(10_000) + "b"));
});
