import * as z from "zod";
import { exchangeTypes } from "./exchanges.ts";

const fields = {
  durable: z.boolean().optional(),
  autoDelete: z.boolean().optional(),
  arguments: z.record(z.string(), z.unknown(), "Expected an object").optional(),
};

const type = z.string().refine(
  (type) => exchangeTypes.includes(type) || /^x-./.test(type),
  `Expected ${exchangeTypes.map((type) => `"${type}"`).join(", ")} or a plugin's, as "x-delayed-message"`,
);

/** What may be said of a trigger's exchange. */
export const exchangeSchema = z.strictObject({
  type: type.optional(),
  ...fields,
  internal: z.boolean().optional(),
});

/** What may be said of an exchange that a function publishes to. */
export const emittedSchema = z.strictObject({ type, ...fields });

// Each is declared when the function starts, and again every so often.
const maxEmitted = 100;

/** The exchanges that a function publishes to, by name, each with its type or more. */
export const emitsSchema = z.record(z.string(), z.union([type, emittedSchema]), "Expected an object").refine(
  (emits) => Object.keys(emits).length <= maxEmitted,
  `Expected at most ${maxEmitted} exchanges`,
);
