import { decodeProperties } from "../../amqp/properties.ts";
import type { Message } from "../queue/message.ts";
import type { Routable } from "./router.ts";

/** A message as routing sees it. Its bytes must be in memory. */
export function routable({ origin, data, start, propertiesSize }: Message): Routable {
  return {
    keys: origin.keys,
    headers: () => decodeProperties(data!, start, propertiesSize).headers ?? new Map(),
  };
}
