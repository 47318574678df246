import assert from "node:assert/strict";
import fc from "fast-check";
import { didYouMean, nearest } from "../../../runtime/core/text/suggest.ts";

const known = ["ack", "prefetch", "concurrency", "durable", "exclusive", "retry", "timeout", "idle"];

Deno.test("A small misspelling gets a suggestion", () => {
  assert.equal(nearest("prefech", known), "prefetch", "left out");
  assert.equal(nearest("prefetchh", known), "prefetch", "typed twice");
  assert.equal(nearest("preftech", known), "prefetch", "swapped");
  assert.equal(nearest("PREFETCH", known), "prefetch", "another case");
  assert.equal(nearest("timeOut", known), "timeout");
  assert.equal(nearest("akc", known), "ack", "swapped, in a short word too");
  assert.equal(nearest("ax", known), undefined, "two slips in three letters are too many");
});

Deno.test("A word that resembles no other gets no suggestion", () => {
  assert.equal(nearest("banana", known), undefined);
  assert.equal(nearest("", known), undefined);
  assert.equal(nearest("prefetch", []), undefined);
});

Deno.test("The nearest word is suggested, and the first of several equally near", () => {
  assert.equal(nearest("cat", ["cart", "cats", "cat"]), "cat");
  assert.equal(nearest("cat", ["bat", "hat"]), "bat");
});

Deno.test("A suggestion is written as a question, or not at all", () => {
  assert.equal(didYouMean("prefech", known), "; did you mean 'prefetch'?");
  assert.equal(didYouMean("banana", known), "");
});

Deno.test("A long word with one wrong letter always gets a suggestion", () => {
  fc.assert(fc.property(
    fc.constantFrom(...known.filter((word) => word.length > 5)),
    fc.nat(),
    fc.stringMatching(/^[a-z]$/),
    (word, at, letter) => {
      const i = at % word.length;
      assert.equal(nearest(word.slice(0, i) + letter + word.slice(i + 1), known), word);
    },
  ));
});
