import * as z from "zod";
import { exchangeTypes } from "./exchange_types.ts";

/** How many exchanges a function may have, to get messages from and to publish to. Each is declared every half minute. */
export const maxExchanges = 100;

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

/** The setting `exchanges`: the same by the exchange's name, for a trigger with several. */
export const exchangesSchema = z.record(z.string(), exchangeSchema, "Expected an object").refine(
  (exchanges) => Object.keys(exchanges).length <= maxExchanges,
  `Expected at most ${maxExchanges} exchanges`,
);

/** One exchange of the setting `emits`. */
export const emittedSchema = z.strictObject({ type, ...fields });

/** The setting `emits`: the exchanges that a function publishes to, by name. */
export const emitsSchema = z.record(z.string(), z.union([type, emittedSchema]), "Expected an object").refine(
  (emits) => Object.keys(emits).length <= maxExchanges,
  `Expected at most ${maxExchanges} exchanges`,
);
