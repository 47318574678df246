import * as z from "zod";
import type { Middleware } from "../api/middleware.ts";

const maxUsed = 100;
const tooMany = `Expected at most ${maxUsed} of them`;

/** The setting `use` in a function's file: its middleware. */
export const useSchema = z.array(
  z.custom<Middleware>((value) => typeof value === "function", "Expected a function, (run, next) => next()"),
  "Expected a list of functions",
).max(maxUsed, tooMany);

/** The setting `use` in deploy.config.ts: paths of modules. */
export const modulesSchema = z.array(
  z.string('Expected a module\'s path, such as "./middleware/audit.ts"').min(1, "Expected a module's path"),
  'Expected a list of paths, such as ["./middleware/audit.ts"]',
).max(maxUsed, tooMany);
