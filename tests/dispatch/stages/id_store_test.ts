import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { mock } from "node:test";
import { forgiving, idsInMemory, type LocalIds } from "../../../runtime/dispatch/stages/id_store.ts";
import { idsOnDisk } from "../../../runtime/dispatch/stages/id_store_on_disk.ts";
import { withFolder } from "../../support/folder.ts";

/** A store of each kind that remembers ids for 1,000 ms of a clock that the test sets. */
const stores: Record<string, (folder: string, now: () => number) => LocalIds> = {
  memory: (_folder, now) => idsInMemory(1000, now),
  disk: (folder, now) => idsOnDisk(folder, 1000, now),
};

for (const [name, open] of Object.entries(stores)) {
  Deno.test(`${name}: A handled id is known for the configured time`, async () => {
    await using folder = await withFolder();
    let now = 0;
    const seen = open(folder.path, () => now);

    assert.equal(seen.has("m1"), false);
    seen.add("m1");
    assert.equal(seen.has("m1"), true);
    assert.equal(seen.has("m2"), false);
    now = 999;
    assert.equal(seen.has("m1"), true);
    now = 1000;
    assert.equal(seen.has("m1"), false);
    seen.close();
  });

  Deno.test(`${name}: An id that is handled again is known for the full time from then on`, async () => {
    await using folder = await withFolder();
    let now = 0;
    const seen = open(folder.path, () => now);

    seen.add("m1");
    now = 900;
    seen.add("m1");
    now = 1800;
    assert.equal(seen.has("m1"), true);
    seen.close();
  });
}

Deno.test("The memory store of handled ids forgets nothing when the wall clock is set forward", () => {
  const seen = idsInMemory(60_000);
  seen.add("m1");
  const wall = mock.method(Date, "now", () => 8e15);

  assert.equal(seen.has("m1"), true);
  seen.add("m2");
  assert.equal(seen.has("m1"), true);

  wall.mock.restore();
  seen.close();
});

Deno.test("The memory store of handled ids keeps at most 100,000 and forgets the oldest first", () => {
  const seen = idsInMemory(1000, () => 0);
  for (let i = 0; i < 100_001; i++) seen.add(`m${i}`);

  assert.deepEqual(["m0", "m1", "m100000"].map(seen.has), [false, true, true]);
});

Deno.test("The disk store of handled ids knows them after a restart", async () => {
  await using folder = await withFolder();
  const before = idsOnDisk(folder.at(".hopper"), 1000, () => 0);
  before.add("m1");
  before.close();

  const after = idsOnDisk(folder.at(".hopper"), 1000, () => 500);
  assert.equal(after.has("m1"), true);
  assert.equal(after.has("m2"), false);
  after.close();
});

Deno.test("Several functions and runtimes share one disk store of handled ids", async () => {
  await using folder = await withFolder();
  const one = idsOnDisk(folder.path, 1000, () => 0);
  const other = idsOnDisk(folder.path, 1000, () => 0);

  one.add("m1");
  other.add("m2");
  assert.equal(one.has("m2"), true);
  assert.equal(other.has("m1"), true);
  one.close();
  other.close();
});

Deno.test("The disk store of handled ids deletes expired ones at the start and after every thousand new ones", async () => {
  await using folder = await withFolder();
  const rows = () => {
    using database = new DatabaseSync(folder.at("dedupe.sqlite"));
    return database.prepare("SELECT count(*) AS n FROM seen").get()!.n;
  };
  let now = 0;
  const before = idsOnDisk(folder.path, 1000, () => now);
  for (let i = 0; i < 999; i++) before.add(`old ${i}`);
  now = 1000;
  assert.equal(rows(), 999);
  before.add("new");
  assert.equal(rows(), 1);
  before.close();

  idsOnDisk(folder.path, 1000, () => 5000).close();
  assert.equal(rows(), 0);
});

Deno.test("When a store of handled ids fails, no id is known and the error is reported", () => {
  const said: unknown[] = [];
  const fail = () => {
    throw new Error("disk I/O error");
  };
  const seen = forgiving({ has: fail, add: fail, close: fail }, (error) => said.push(`${error}`));

  seen.add("m1");
  assert.equal(seen.has("m1"), false);
  seen.close();
  assert.deepEqual(said, Array(3).fill("Error: disk I/O error"));
});

Deno.test("The disk store of handled ids refuses a database of another program", async () => {
  for (const sql of ["CREATE TABLE users (id)", "CREATE TABLE seen (id)"]) {
    await using folder = await withFolder();
    const path = folder.at("dedupe.sqlite");
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
    const before = await Deno.readFile(path);

    assert.throws(
      () => idsOnDisk(folder.path, 1000),
      new Error(`Cannot remember ids in '${path}': it is a database of another program; move it away`),
    );
    assert.deepEqual(await Deno.readFile(path), before);
  }
});
