import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { startBroker } from "../../../runtime/broker/mod.ts";
import { openDatabase } from "../../../runtime/broker/store/schema.ts";
import { withFolder } from "../../support/folder.ts";

/** Writes a database of another program, and returns its bytes. */
function foreign(path: string, sql: string): Promise<Uint8Array> {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
  return Deno.readFile(path);
}

const others: Record<string, [sql: string, told: RegExp]> = {
  "with no version": ["CREATE TABLE users (id)", /of another program \(its tables: 'users'\); move it away/],
  "with the version that a broker's has": [
    "CREATE TABLE queue (id); PRAGMA user_version = 1",
    /of another program \(its tables: 'queue'\)/,
  ],
  "that is empty but for a version": ["PRAGMA user_version = 7", /of another program \(its tables: none\)/],
};

for (const [which, [sql, told]] of Object.entries(others)) {
  Deno.test(`A database of another program ${which} is refused and not changed`, async () => {
    await using folder = await withFolder();
    const path = folder.at("broker.sqlite");
    const before = await foreign(path, sql);

    await assert.rejects(startBroker({ port: 0, data: folder.path }), (error: Error) => {
      assert.match(error.message, told);
      assert.ok(error.message.startsWith(`Cannot open the broker's data '${path}': it is`));
      return true;
    });
    assert.deepEqual(await Deno.readFile(path), before);
    assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["broker.sqlite"]);
  });
}

Deno.test("A file that is not a database is refused", async () => {
  await using folder = await withFolder({
    "broker.sqlite": "not a database at all, but long enough to look",
  });
  await assert.rejects(
    startBroker({ port: 0, data: folder.path }),
    /Cannot open the broker's data '.*': file is not a database/,
  );
});

Deno.test("The broker opens its own database again, and refuses one of a later version", async () => {
  await using folder = await withFolder();
  openDatabase(folder.path, () => {}).close();
  const again = openDatabase(folder.path, () => {});
  again.exec("PRAGMA user_version = 2");
  again.close();
  assert.throws(() => openDatabase(folder.path, () => {}), /it has version 2, expected 1; move it away/);
});
