import assert from "node:assert/strict";
import { planDeploy } from "../../runtime/deploy/plan.ts";
import type { Source } from "../../runtime/deploy/sources.ts";
import type { Tree, TreeEntry } from "../../runtime/deploy/tree.ts";

type Kinds = Record<string, TreeEntry["kind"] | "exposed file" | "exposed folder">;

function tree(entries: Kinds): Tree {
  return new Map(
    Object.entries({ "": "folder", ...entries }).map(([path, what]) => {
      const kind = what.replace("exposed ", "") as TreeEntry["kind"];
      return [path, { kind, exposed: what.startsWith("exposed"), mode: null }];
    }),
  );
}

/** A folder that is deployed under this name. */
const source = (named: string, entries: Kinds): Source => ({
  root: `/home/${named}`,
  tree: tree(entries),
  shown: (path) => path === "" ? named : `${named}/${path}`,
});

const told = (sources: Source[], there: Kinds = {}) =>
  planDeploy(sources, tree(there), "functions").problems.map(({ file, message }) => `${file}: ${message}`);

Deno.test("Every file of a deployed folder keeps its path", () => {
  const { placements, problems } = planDeploy(
    [source("src", { "a.ts": "file", "b": "folder", "b/_c.ts": "file" })],
    tree({ "a.ts": "file", "b": "folder" }),
    "functions",
  );

  assert.deepEqual(placements, [
    { path: "a.ts", from: "/home/src/a.ts", shown: "src/a.ts" },
    { path: "b/_c.ts", from: "/home/src/b/_c.ts", shown: "src/b/_c.ts" },
  ]);
  assert.deepEqual(problems, []);
});

Deno.test("Links, devices, and files that everybody may write are not deployed", () => {
  assert.deepEqual(
    told([source("src", { "l.ts": "link", "p": "other", "w.ts": "exposed file", "d": "exposed folder" })]),
    [
      "src/l.ts: It is a link, and links are not placed",
      "src/p: It is neither a file nor a folder",
      "src/w.ts: Every user of this machine may write the file, and so decide what runs",
      "src/d: Every user of this machine may write the folder, and so decide what runs",
    ],
  );
  assert.deepEqual(told([source("src", { "": "exposed folder", "a.ts": "file" })]), [
    "src: Every user of this machine may write the folder, and so decide what runs",
  ]);
});

Deno.test("A functions folder that everybody may write is not deployed to", () => {
  assert.deepEqual(told([source("src", { "a.ts": "file" })], { "": "exposed folder" }), [
    "functions: Every user of this machine may write the folder, and so decide what runs",
  ]);
});

Deno.test("Two files that would be placed at one path are refused, each with the other's name", () => {
  assert.deepEqual(told([source("one", { "a.ts": "file" }), source("two", { "a.ts": "file" })]), [
    "one/a.ts: It would be placed at functions/a.ts, as would two/a.ts",
    "two/a.ts: It would be placed at functions/a.ts, as would one/a.ts",
  ]);
});

Deno.test("A file is not placed over a folder, or inside something that is not a folder", () => {
  assert.deepEqual(
    told([source("src", { "a": "file", "_lib/x.ts": "file" })], { "a": "folder", "_lib": "link" }),
    [
      "src/a: There is a folder at functions/a",
      "src/_lib/x.ts: functions/_lib is not a folder but a link",
    ],
  );
  assert.deepEqual(told([source("one", { "a": "file" }), source("two", { "a/b.ts": "file" })]), [
    "one/a: There is a folder at functions/a",
  ]);
});

Deno.test("A link in the functions folder is replaced by the deployed file", () => {
  assert.deepEqual(told([source("src", { "a.ts": "file" })], { "a.ts": "link" }), []);
});
