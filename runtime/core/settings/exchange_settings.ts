import * as z from "zod";
import { exchangeTypes } from "./exchange_types.ts";

const fields = {
  durable: z.boolean().optional(),
  autoDelete: z.boolean().optional(),
  arguments: z.record(z.string(), z.unknown(), "Expected an object").optional(),
};

const type = z.string().refine(
  (type) => exchangeTypes.includes(type) || /^x-./.test(type),
  `Expected ${
    exchangeTypes.map((type) => `"${type}"`).join(", ")
  } or a plugin's, such as "x-delayed-message"`,
);

/** The setting `exchange`: how a trigger's exchange is declared. */
export const exchangeSchema = z.strictObject({
  type: type.optional(),
  ...fields,
  internal: z.boolean().optional(),
});

/** One exchange of the setting `emits`. */
export const emittedSchema = z.strictObject({ type, ...fields });

// Each is declared when the function starts, and again every half minute.
const maxEmitted = 100;

/** The setting `emits`: the exchanges that a function publishes to, by name. */
export const emitsSchema = z.record(z.string(), z.union([type, emittedSchema]), "Expected an object").refine(
  (emits) => Object.keys(emits).length <= maxEmitted,
  `Expected at most ${maxEmitted} exchanges`,
);
