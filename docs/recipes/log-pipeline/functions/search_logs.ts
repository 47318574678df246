import { DatabaseSync } from "node:sqlite";
import { rpc } from "hopper";

/** What to look for. */
interface Query {
  /** The beginning of routing keys, such as 'shop.'. */
  key?: string;
  /** A part of the text. */
  text?: string;
}

/** Finds the latest lines, 100 at most. */
export default rpc("logs.search", {
  permissions: { read: ["data"], write: ["data"] },
  setup: () => ({ db: new DatabaseSync("data/logs.sqlite") }),
}, ({ key = "", text = "" }: Query, { state: { db } }) =>
  db.prepare(
    `SELECT key, at, text FROM line
     WHERE substr(key, 1, length(?1)) = ?1 AND instr(text, ?2) > 0 ORDER BY at DESC LIMIT 100`,
  ).all(key, text));
