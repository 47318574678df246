import * as z from "zod";
import { whole } from "./whole_setting.ts";

const globs = z.array(
  z.string("Expected a list of names or globs").min(1, "Expected a name or glob"),
  "Expected a list of names or globs",
).max(1_000, "Expected at most 1000 names or globs").optional();

const targets = z.array(
  z.string().regex(/^[^/]+\//, 'Expected "EXCHANGE/KEY", such as "events/order.*"'),
  "Expected a list of EXCHANGE/KEY",
).max(1_000, "Expected at most 1000 of them").optional();

const rights = { call: globs, send: globs, publish: targets };

/** What a client may do. */
export const rightsSchema = z.strictObject(rights);

/** A client that has a token. */
export const clientSchema = z.strictObject({
  env: z.string().regex(/^[A-Za-z_]\w*$/, "Expected the name of a variable, such as SHOP_TOKEN"),
  ...rights,
});

/** `http` in deploy.config.ts. */
export const httpSchema = z.strictObject({
  tokens: z.record(z.string(), clientSchema, "Expected an object").optional(),
  anonymous: rightsSchema.optional(),
  inFlight: whole(10_000).optional(),
  maxBody: whole(128 * 1024 * 1024).optional(),
});

/** The keys that `http` may have at a path below it, for "did you mean". */
export function knownHttpKeys(path: readonly string[]): readonly string[] {
  if (path.length === 0) return Object.keys(httpSchema.shape);
  if (path.length === 1 && path[0] === "anonymous") return Object.keys(rightsSchema.shape);
  if (path.length === 2 && path[0] === "tokens") return Object.keys(clientSchema.shape);
  return [];
}
