import * as z from "zod";
import { duration } from "./duration_setting.ts";

/** The setting `dedupe`, where it is not `false`. */
export const dedupeSchema = z.strictObject({
  for: duration(1),
  store: z.enum(["memory", "disk", "redis", "postgres"]).default("memory"),
  env: z.string().regex(/^[A-Za-z_]\w*$/, "Expected the name of a variable, such as REDIS_URL").optional(),
  onStoreDown: z.enum(["run", "wait"]).optional(),
});

/** What is known of a function's handled ids: how long, where, and what happens while that place is away. */
export type Dedupe = z.output<typeof dedupeSchema>;

/** The variable with the store's address, if `dedupe` names none. */
export const storeVariables = { redis: "REDIS_URL", postgres: "DATABASE_URL" } as const;
