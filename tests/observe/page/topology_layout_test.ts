import assert from "node:assert/strict";
import type { TopologyView } from "../../../runtime/observe/api/views.ts";
import { layOut } from "../../../runtime/observe/page/views/topology_layout.js";

const exchange = (name: string) => ({ name, type: "topic", emitters: [], unrouted: 0, unbound: false });
const queue = (name: string, kind: "work" | "dead" | "retry" = "work", ready = 0) => ({
  name,
  kind,
  functions: [name.split(".")[0]!],
  ready,
  unacked: 0,
  taken: 0,
  unconsumed: false,
});
const fn = (name: string) => ({ name, queue: name, state: "running" as const });

function view(queues: string[], bindings: [string, string, string][], exchanges: string[]): TopologyView {
  return {
    exchanges: exchanges.map(exchange),
    bindings: bindings.map(([exchange, key, queue]) => ({ exchange, key, queue })),
    queues: queues.map((name) => queue(name)),
    functions: queues.map(fn),
  };
}

Deno.test("Everything has a place of its own", () => {
  const layout = layOut(view(
    ["a", "b", "c"],
    [["x", "k1", "a"], ["x", "k2", "a"], ["y", "k3", "a"], ["y", "", "c"], ["z", "", "c"]],
    ["x", "y", "z", "unbound"],
  ));
  const boxes = [...layout.exchanges, ...layout.bindings, ...layout.queues, ...layout.functions].map((
    { box },
  ) => box);
  assert.equal(boxes.length, 4 + 5 + 3 + 3);
  for (const [i, one] of boxes.entries()) {
    assert.ok(one.x >= 0 && one.x + one.width <= layout.width && one.y + one.height <= layout.height);
    for (const other of boxes.slice(i + 1)) {
      const apart = one.x + one.width <= other.x || other.x + other.width <= one.x ||
        one.y + one.height <= other.y || other.y + other.height <= one.y;
      assert.ok(apart, `${JSON.stringify(one)} is over ${JSON.stringify(other)}`);
    }
  }
});

Deno.test("There is a line from each exchange over its binding to the queue, and from the queue to its functions", () => {
  const { edges } = layOut(view(["a", "b"], [["x", "k", "a"], ["x", "k", "b"]], ["x"]));
  assert.equal(edges.length, 2 + 2 + 2);
});

Deno.test("Queues stand in the order of their exchanges, so that lines do not cross", () => {
  const { exchanges, queues } = layOut(view(
    ["a", "b", "c"],
    [["x", "", "c"], ["y", "", "b"], ["z", "", "a"]],
    ["x", "y", "z"],
  ));
  const order = { c: "x", b: "y", a: "z" } as Record<string, string>;
  assert.deepEqual(
    [...queues].sort((a, b) => a.box.y - b.box.y).map(({ queue }) => order[queue.name]),
    [...exchanges].sort((a, b) => a.box.y - b.box.y).map(({ exchange }) => exchange.name),
  );
});

Deno.test("Retries and dead letters are counted at the queue they belong to", () => {
  const { queues } = layOut({
    ...view(["a"], [], []),
    queues: [queue("a"), queue("a.retry.1000", "retry", 2), queue("a.dead", "dead", 3)],
  });
  assert.deepEqual(queues.map(({ queue, retrying, dead }) => [queue.name, retrying, dead]), [["a", 2, 3]]);
});

Deno.test("A thousand queues are laid out in less than a blink", () => {
  const names = Array.from({ length: 1_000 }, (_, i) => `q${i}`);
  const began = performance.now();
  layOut(
    view(
      names,
      names.map((name, i) => [`x${i % 50}`, "k", name]),
      Array.from({ length: 50 }, (_, i) => `x${i}`),
    ),
  );
  const ms = performance.now() - began;
  console.log(`  1,000 queues in ${Math.round(ms)} ms`);
  assert.ok(ms < 1_000, `${ms} ms`);
});
