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

Deno.test("The patterns kern.* and *.critical match as in RabbitMQ's tutorial", () => {
  assert.ok(topicMatches("kern.*", "kern.critical"));
  assert.ok(topicMatches("*.critical", "kern.critical"));
  assert.ok(!topicMatches("kern.*", "kern"), "a star is exactly one word");
  assert.ok(!topicMatches("kern.*", "kern.cpu.hot"));
  assert.ok(!topicMatches("*.critical", "critical"));
});

Deno.test("The patterns *.orange.*, *.*.rabbit and lazy.# match as in RabbitMQ's tutorial", () => {
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

Deno.test("An empty routing key has no words, and an empty word between dots is a word", () => {
  assert.ok(topicMatches("", ""));
  assert.ok(topicMatches("#", ""));
  assert.ok(!topicMatches("*", ""));
  assert.ok(topicMatches("*.*", "."));
  assert.ok(topicMatches("a.*.b", "a..b"));
  assert.ok(!topicMatches("a.b", "a..b"));
  assert.ok(topicMatches("#.b", "a..b"));
  assert.ok(!topicMatches("*", "."));
});

Deno.test("A hash may stand anywhere in a pattern, and more than once", () => {
  assert.ok(topicMatches("a.#.z", "a.z"));
  assert.ok(topicMatches("a.#.z", "a.b.c.z"));
  assert.ok(!topicMatches("a.#.z", "a.b.c"));
  assert.ok(topicMatches("#.#", ""));
  assert.ok(topicMatches("#.a.#", "b.a.c"));
  assert.ok(topicMatches("#.*", "a"));
  assert.ok(!topicMatches("#.*", ""));
});

Deno.test("Stars and hashes in a routing key, or beside other letters in a pattern, are letters", () => {
  assert.ok(topicMatches("*", "#"));
  assert.ok(!topicMatches("a", "*"));
  assert.ok(topicMatches("a*", "a*"), "beside other letters a pattern's are, too");
  assert.ok(!topicMatches("a*", "ab"));
});

Deno.test("For any pattern and key, a topic matches like a regular expression over words", () => {
  // Every word gets a slash before it: a.b is /a/b, and the empty key is the empty text.
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

Deno.test("A pattern with many hashes is matched quickly", () => {
  assert.ok(!topicMatches(Array(120).fill("#").join(".") + ".z", Array(120).fill("a").join(".")));
});

Deno.test("A match with 'all' needs every header, and one with 'any' at least one", () => {
  const pdf = { format: "pdf", type: "report" };

  assert.ok(headersMatch({ all: pdf }, { ...pdf, more: 1 }));
  assert.ok(!headersMatch({ all: pdf }, { format: "pdf" }));
  assert.ok(headersMatch({ any: pdf }, { format: "pdf", type: "log" }));
  assert.ok(!headersMatch({ any: pdf }, { format: "zip" }));
  assert.ok(headersMatch({ all: {} }, {}), "all of nothing is everything");
  assert.ok(!headersMatch({ any: {} }, { format: "pdf" }));
});

Deno.test("Header values are compared with their types, and inherited properties are not headers", () => {
  assert.ok(!headersMatch({ all: { n: 1 } }, { n: "1" }));
  assert.ok(!headersMatch({ all: { n: 1 } }, { n: true }));
  assert.ok(!headersMatch({ any: { toString: "x" } }, {}));
  assert.ok(headersMatch({ all: { n: 1 } }, Object.assign(Object.create(null), { n: 1 })));
});

Deno.test("For any headers, a match agrees with a count of equal pairs", () => {
  fc.assert(fc.property(anyMatch, someHeaders, (match, carried) => {
    const pairs = Object.entries("all" in match ? match.all : match.any) as [string, HeaderValue][];
    const carries = new Map(Object.entries(carried));
    const fitting = pairs.filter(([name, value]) => carries.get(name) === value).length;
    assert.equal(headersMatch(match, carried), "all" in match ? fitting === pairs.length : fitting > 0);
  }));
});

Deno.test("A message reaches a trigger if its exchange and its key or headers match", () => {
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

Deno.test("A trigger with several exchanges compares a message with the bindings of the message's exchange", () => {
  const { trigger } = topic([["orders", "order.*"], ["billing", ["invoice.#"]]], handler);
  assert.ok(reaches(trigger, message("orders", "order.new")));
  assert.ok(reaches(trigger, message("billing", "invoice.paid.late")));
  assert.ok(!reaches(trigger, message("billing", "order.new")));
  assert.ok(reaches(fanout(["logs", "audit"], handler).trigger, message("audit", "whatever")));
});
