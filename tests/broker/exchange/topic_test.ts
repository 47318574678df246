import assert from "node:assert/strict";
import fc from "fast-check";
import { topicRouter } from "../../../runtime/broker/exchange/topic.ts";

/** A binding whose destination is its own pattern. */
const rule = (key: string) => ({ key, args: new Map(), integersMatchFloats: true, destination: key });

function matches(patterns: readonly string[], key: string): string[] {
  const router = topicRouter<string>();
  for (const pattern of patterns) router.add(rule(pattern));
  const found = new Set<string>();
  router.route({ keys: [key], headers: () => new Map() }, (to) => found.add(to));
  return [...found].sort();
}

for (
  const [pattern, yes, no] of [
    ["a.b", ["a.b"], ["a", "a.b.c", "a.c", ""]],
    ["a.*", ["a.b", "a."], ["a", "a.b.c", "b.a"]],
    ["#", ["", "a", "a.b.c", "..", "a..b"], []],
    ["a.#", ["a", "a.b", "a.b.c", "a."], ["", "b.a"]],
    ["#.b", ["b", "a.b", "a..b"], ["b.a", ""]],
    ["*", ["a"], ["", "a.b"]],
    ["*.#", ["a", "a.b", "."], [""]],
    ["#.a.#.b.#", ["a.b", "x.a.y.b.z"], ["a", "b.a"]],
    ["", [""], ["a", "."]],
  ] as const
) {
  Deno.test(`Pattern "${pattern}" matches ${JSON.stringify(yes)} and not ${JSON.stringify(no)}`, () => {
    for (const key of yes) assert.deepEqual(matches([pattern], key), [pattern], key);
    for (const key of no) assert.deepEqual(matches([pattern], key), [], key);
  });
}

/** The definition of a match, word by word, which is slow for many "#". */
function matchesByDefinition(pattern: readonly string[], key: readonly string[]): boolean {
  const [word, ...rest] = pattern;
  if (word === undefined) return key.length === 0;
  if (word === "#") {
    return matchesByDefinition(rest, key) || (key.length > 0 && matchesByDefinition(pattern, key.slice(1)));
  }
  return key.length > 0 && (word === "*" || word === key[0]) && matchesByDefinition(rest, key.slice(1));
}

Deno.test("The topic trie agrees with the definition for any patterns and key", () => {
  const words = (...of: string[]) => fc.array(fc.constantFrom(...of), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(words("a", "b", "*", "#"), { maxLength: 5 }), words("a", "b", "c"), (all, key) => {
      const patterns = [...new Set(all.map((pattern) => pattern.join(".")))];
      const expected = patterns.filter((pattern) => matchesByDefinition(pattern.split("."), key)).sort();
      assert.deepEqual(matches(patterns, key.join(".")), expected);
    }),
  );
});

Deno.test("A topic pattern with many '#' and a long key is matched quickly", () => {
  const pattern = Array(60).fill("#").join(".") + ".end";
  assert.deepEqual(matches([pattern], Array(120).fill("a").join(".")), []);
});

Deno.test("Removing a topic binding keeps the others", () => {
  const router = topicRouter<string>();
  const [first, second] = [rule("a.#.b"), rule("a.#")];
  router.add(first);
  router.add(second);
  router.remove(first);
  const found: unknown[] = [];
  router.route({ keys: ["a.x.b"], headers: () => new Map() }, (to) => found.push(to));
  assert.deepEqual(found, ["a.#"]);
});
