import assert from "node:assert/strict";
import fc from "fast-check";
import { placingOrder } from "../../runtime/deploy/order.ts";
import type { Graph } from "../../runtime/discover/code/graph.ts";

const imports = (...files: string[]) => ({ files, packages: [] });

Deno.test("Files are placed after the helpers and data that they import", () => {
  const graph: Graph = new Map([
    ["/a.ts", imports("/_x.ts", "/_y.ts", "/data.json")],
    ["/_x.ts", imports("/_y.ts", "/data.json")],
    ["/_y.ts", imports()],
    ["/b.ts", imports()],
  ]);
  const files = ["/a.ts", "/b.ts", "/_x.ts", "/_y.ts", "/data.json"];

  assert.deepEqual(placingOrder(files, new Set(["/a.ts", "/b.ts"]), graph), [
    "/_y.ts",
    "/data.json",
    "/b.ts",
    "/_x.ts",
    "/a.ts",
  ]);
});

Deno.test("If a function and a helper import each other, the helper is placed first", () => {
  const graph: Graph = new Map([["/a.ts", imports("/b.ts")], ["/b.ts", imports("/a.ts")]]);
  assert.deepEqual(placingOrder(["/a.ts", "/b.ts"], new Set(["/a.ts"]), graph), ["/b.ts", "/a.ts"]);
});

Deno.test("For any graph without circles, no file is placed before a file that it imports", () => {
  // Each file imports only files before it, so that there is no circle.
  const direct = fc.array(fc.array(fc.nat(100), { maxLength: 4 }), { minLength: 1, maxLength: 12 });
  fc.assert(fc.property(direct, (chosen) => {
    const direct = chosen.map((some, i) => [...new Set(i === 0 ? [] : some.map((n) => n % i))]);
    const all = (i: number): number[] => [...new Set(direct[i]!.flatMap((j) => [j, ...all(j)]))];
    const graph: Graph = new Map(
      direct.map((_, i) => [`/${i}`, imports(...all(i).map((j) => `/${j}`))]),
    );

    const order = placingOrder([...graph.keys()], new Set(), graph);

    for (const [file, { files }] of graph) {
      for (const path of files) assert.ok(order.indexOf(path) < order.indexOf(file), `${order}`);
    }
  }));
});
