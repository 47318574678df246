/** Generators of patterns, keys and headers. They use few words, so that many of them match. */

import fc from "fast-check";
import type { HeaderMatch, HeaderValue } from "../../runtime/mod.ts";

const dotted = (words: readonly string[]) =>
  fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 6 }).map((parts) => parts.join("."));

/** Topic patterns, some with empty words, and some with stars beside other letters, which are then letters too. */
export const anyPattern = dotted(["a", "b", "", "*", "*", "#", "#", "a*"]);

/** Routing keys, some empty or with empty words, and some with wildcards, which are letters in a key. */
export const anyKey = fc.oneof({ weight: 9, arbitrary: dotted(["a", "b", "", "*", "#", "a*"]) }, {
  weight: 1,
  arbitrary: fc.constant(""),
});

const names = fc.constantFrom("format", "type", "pages");
const values = fc.constantFrom<HeaderValue>("pdf", "1", "", 1, 0, -1, 1.5, 70_000, 2 ** 40, true, false);
const pairs = fc.dictionary(names, values, { noNullPrototype: true });

/** The headers of a message. */
export const someHeaders: fc.Arbitrary<Record<string, HeaderValue>> = pairs;

/** The match of a headers trigger. */
export const anyMatch: fc.Arbitrary<HeaderMatch> = fc.oneof(
  pairs.map((all) => ({ all })),
  pairs.map((any) => ({ any })),
);
