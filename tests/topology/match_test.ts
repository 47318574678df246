import assert from "node:assert/strict";
import fc from "fast-check";
import { direct, fanout, headers, type HeaderValue, queue, rpc, topic } from "../../runtime/mod.ts";
import { headersMatch, reaches, type Routed, topicMatches } from "../../runtime/topology/match.ts";
import { anyKey, anyMatch, anyPattern, someHeaders } from "./routed.ts";

const handler = () => {};
const message = (exchange: string, routingKey: string, headers = {}): Routed => ({
  exchange,
  routingKey,
  headers,
});

Deno.test("The tutorial's topics: kern.* and *.critical", () => {
  assert.ok(topicMatches("kern.*", "kern.critical"));
  assert.ok(topicMatches("*.critical", "kern.critical"));
  assert.ok(!topicMatches("kern.*", "kern"), "a star is exactly one word");
  assert.ok(!topicMatches("kern.*", "kern.cpu.hot"));
  assert.ok(!topicMatches("*.critical", "critical"));
});

Deno.test("The tutorial's animals: *.orange.*, *.*.rabbit and lazy.#", () => {
  const fits = (key: string) =>
    ["*.orange.*", "*.*.rabbit", "lazy.#"].map((pattern) => topicMatches(pattern, key));

  assert.deepEqual(fits("quick.orange.rabbit"), [true, true, false]);
  assert.deepEqual(fits("lazy.orange.elephant"), [true, false, true]);
  assert.deepEqual(fits("lazy.pink.rabbit"), [false, true, true]);
  assert.deepEqual(fits("quick.orange.new.rabbit"), [false, false, false]);
  assert.deepEqual(fits("orange"), [false, false, false]);
  assert.deepEqual(fits("lazy.orange.new.rabbit"), [false, false, true]);
  assert.deepEqual(fits("lazy"), [false, false, true]);
});

Deno.test("An empty key has no words, and an empty word is one", () => {
  assert.ok(topicMatches("", ""));
  assert.ok(topicMatches("#", ""));
  assert.ok(!topicMatches("*", ""));
  assert.ok(topicMatches("*.*", "."));
  assert.ok(topicMatches("a.*.b", "a..b"));
  assert.ok(!topicMatches("a.b", "a..b"));
  assert.ok(topicMatches("#.b", "a..b"));
  assert.ok(!topicMatches("*", "."));
});

Deno.test("A hash may stand anywhere, and more than once", () => {
  assert.ok(topicMatches("a.#.z", "a.z"));
  assert.ok(topicMatches("a.#.z", "a.b.c.z"));
  assert.ok(!topicMatches("a.#.z", "a.b.c"));
  assert.ok(topicMatches("#.#", ""));
  assert.ok(topicMatches("#.a.#", "b.a.c"));
  assert.ok(topicMatches("#.*", "a"));
  assert.ok(!topicMatches("#.*", ""));
});

Deno.test("A key's own stars and hashes are letters", () => {
  assert.ok(topicMatches("*", "#"));
  assert.ok(!topicMatches("a", "*"));
  assert.ok(topicMatches("a*", "a*"), "beside other letters a pattern's are, too");
  assert.ok(!topicMatches("a*", "ab"));
});

Deno.test("Topics match as a regular expression over words would", () => {
  // Every word is written with a slash before it: a.b is /a/b, and the empty key is nothing at all.
  const written = (text: string) => text === "" ? "" : text.split(".").map((word) => `/${word}`).join("");
  const asRegExp = (pattern: string) =>
    new RegExp(
      `^${
        written(pattern).replaceAll("/#", "(?:/[^/]*)*").replace(/\/\*(?=\/|$|\()/g, "/[^/]*").replaceAll(
          "a*",
          "a\\*",
        )
      }$`,
    );

  fc.assert(
    fc.property(anyPattern, anyKey, (pattern, key) => {
      assert.equal(topicMatches(pattern, key), asRegExp(pattern).test(written(key)), `${pattern} ~ ${key}`);
    }),
    { numRuns: 5000 },
  );
});

Deno.test("Many hashes take no long time", () => {
  assert.ok(!topicMatches(Array(120).fill("#").join(".") + ".z", Array(120).fill("a").join(".")));
});

Deno.test("Headers match by every pair, or by at least one", () => {
  const pdf = { format: "pdf", type: "report" };

  assert.ok(headersMatch({ all: pdf }, { ...pdf, more: 1 }));
  assert.ok(!headersMatch({ all: pdf }, { format: "pdf" }));
  assert.ok(headersMatch({ any: pdf }, { format: "pdf", type: "log" }));
  assert.ok(!headersMatch({ any: pdf }, { format: "zip" }));
  assert.ok(headersMatch({ all: {} }, {}), "all of nothing is everything");
  assert.ok(!headersMatch({ any: {} }, { format: "pdf" }));
});

Deno.test("A header's type counts, and what every object has is no header", () => {
  assert.ok(!headersMatch({ all: { n: 1 } }, { n: "1" }));
  assert.ok(!headersMatch({ all: { n: 1 } }, { n: true }));
  assert.ok(!headersMatch({ any: { toString: "x" } }, {}));
  assert.ok(headersMatch({ all: { n: 1 } }, Object.assign(Object.create(null), { n: 1 })));
});

Deno.test("Headers match as counting the pairs that fit would", () => {
  fc.assert(fc.property(anyMatch, someHeaders, (match, carried) => {
    const pairs = Object.entries("all" in match ? match.all : match.any) as [string, HeaderValue][];
    const carries = new Map(Object.entries(carried));
    const fitting = pairs.filter(([name, value]) => carries.get(name) === value).length;
    assert.equal(headersMatch(match, carried), "all" in match ? fitting === pairs.length : fitting > 0);
  }));
});

Deno.test("A message reaches a trigger by its exchange, and by what that looks at", () => {
  const { trigger: orders } = queue("orders", handler);
  assert.ok(reaches(orders, message("", "orders")));
  assert.ok(!reaches(orders, message("", "payments")));
  assert.ok(!reaches(orders, message("amq.direct", "orders")));
  assert.ok(reaches(rpc("fib", handler).trigger, message("", "fib")));

  const { trigger: logs } = fanout("logs", handler);
  assert.ok(reaches(logs, message("logs", "whatever")));
  assert.ok(!reaches(logs, message("other", "")));

  const { trigger: severe } = direct("logs", ["warning", "error"], handler);
  assert.ok(reaches(severe, message("logs", "error")));
  assert.ok(!reaches(severe, message("logs", "info")));
  assert.ok(
    !reaches(direct("logs", "*", handler).trigger, message("logs", "info")),
    "a direct key is no pattern",
  );

  const { trigger: kern } = topic("logs", ["kern.*", "*.critical"], handler);
  assert.ok(reaches(kern, message("logs", "cron.critical")));
  assert.ok(!reaches(kern, message("other", "cron.critical")));

  const { trigger: pdf } = headers("reports", { all: { format: "pdf" } }, handler);
  assert.ok(reaches(pdf, message("reports", "", { format: "pdf" })));
  assert.ok(!reaches(pdf, message("reports", "pdf")));
});

Deno.test("A message reaches a trigger with several exchanges by the bindings of its own exchange", () => {
  const { trigger } = topic([["orders", "order.*"], ["billing", ["invoice.#"]]], handler);
  assert.ok(reaches(trigger, message("orders", "order.new")));
  assert.ok(reaches(trigger, message("billing", "invoice.paid.late")));
  assert.ok(!reaches(trigger, message("billing", "order.new")));
  assert.ok(reaches(fanout(["logs", "audit"], handler).trigger, message("audit", "whatever")));
});
