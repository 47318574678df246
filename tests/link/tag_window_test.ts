import assert from "node:assert/strict";
import { TagWindow } from "../../runtime/link/tag_window.ts";

function filled(count: number): TagWindow<string> {
  const window = new TagWindow<string>();
  for (let tag = 1; tag <= count; tag++) window.add(`${tag}`);
  return window;
}

Deno.test("What was added is taken by its tag, once", () => {
  const window = filled(3);
  assert.equal(window.take(2), "2");
  assert.equal(window.take(2), undefined);
  assert.equal(window.take(4), undefined);
  assert.equal(window.take(0), undefined);
  assert.deepEqual([...window], ["1", "3"]);
  window.add("4");
  assert.equal(window.take(1), "1");
  assert.equal(window.take(4), "4");
  assert.deepEqual([...window], ["3"]);
});

Deno.test("Everything up to a tag is taken in its order, but for what is gone", () => {
  const window = filled(5);
  window.take(2);
  assert.deepEqual(window.takeUpTo(3), ["1", "3"]);
  assert.deepEqual(window.takeUpTo(3), []);
  assert.deepEqual(window.takeUpTo(100), ["4", "5"]);
  window.add("6");
  assert.equal(window.take(6), "6");
});

Deno.test("Some that stay for long do not mix up the tags of those that come and go", () => {
  const window = filled(2);
  for (let tag = 3; tag <= 10_000; tag++) {
    window.add(`${tag}`);
    assert.equal(window.take(tag), `${tag}`);
  }
  assert.deepEqual([...window], ["1", "2"]);
  assert.equal(window.take(1), "1");
  assert.equal(window.take(1), undefined);
  window.add("10001");
  assert.deepEqual([...window], ["2", "10001"]);
  assert.deepEqual(window.takeUpTo(10_001), ["2", "10001"]);
});

Deno.test("Any number may be under way", () => {
  const window = filled(10_000);
  assert.equal([...window].length, 10_000);
  assert.equal(window.take(5), "5");
  assert.equal(window.take(9_999), "9999");
  assert.deepEqual(window.takeUpTo(6), ["1", "2", "3", "4", "6"]);
  assert.equal(window.takeUpTo(10_000).length, 9_993);
});
