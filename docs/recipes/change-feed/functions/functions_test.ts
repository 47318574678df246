import { readFile } from "node:fs/promises";
import { startTest } from "hopper/testing";
import pg from "pg";
import { feed } from "../feed.ts";

const functions = import.meta.dirname!;
/** A PostgreSQL to try it with; its table `customer` gets a row. */
const database = Deno.env.get("DATABASE_URL");

Deno.test("A change that is published reaches the function", async () => {
  await using hopper = await startTest({ functions });
  await hopper.publish("changes", "customer.insert", { old: null, new: { id: 1, name: "Ada" } });
  await hopper.handled("customers");
});

Deno.test({
  name: "What is written to the database is published (needs DATABASE_URL)",
  ignore: database === undefined,
  async fn() {
    await using hopper = await startTest({ functions });
    const db = new pg.Client({ connectionString: database });
    await db.connect();
    await db.query(await readFile(new URL("../schema.sql", import.meta.url), "utf8"));
    const stop = new AbortController();
    const running = feed(database!, hopper.url, stop.signal);
    await db.query("INSERT INTO customer (name) VALUES ('Ada')");
    await hopper.handled("customers");
    await db.query("UPDATE customer SET name = 'Grace' WHERE name = 'Ada'");
    await hopper.handled("customers", 2);
    stop.abort();
    await running;
    await db.end();
  },
});
