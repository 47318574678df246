import { DatabaseSync } from "node:sqlite";

/** The orders of the shop. Put your own database here. */
export function openOrders(): DatabaseSync {
  Deno.mkdirSync("data", { recursive: true });
  const db = new DatabaseSync("data/orders.sqlite");
  db.exec('CREATE TABLE IF NOT EXISTS "order" (id TEXT PRIMARY KEY, at TEXT, cents INTEGER)');
  return db;
}
