import { batchSchema } from "./batch_settings.ts";
import { dedupeSchema } from "./dedupe_settings.ts";
import { emittedSchema, exchangeSchema } from "./exchange_settings.ts";
import { keyedSchema, orderSchema } from "./shard_settings.ts";
import { debounceSchema, throttleSchema } from "./latest_settings.ts";
import { rateFields } from "./rate_settings.ts";
import { fileOnly, operatorOnly, pauseSchema, retrySchema, settings } from "./setting_schemas.ts";
import { resolve } from "./settings.ts";

/** A setting's line in the documentation. */
export interface SettingDoc {
  readonly name: string;
  readonly description: string;
  readonly default: unknown;
  readonly saidBy: "file and operator" | "file" | "operator";
}

/** The documentation of each setting, from the same schema that checks them. */
export function describeSettings(): SettingDoc[] {
  const defaults = resolve({}) as Record<string, unknown>;
  return Object.entries({ ...settings, ...fileOnly, ...operatorOnly }).map(([name, schema]) => ({
    name,
    description: schema.description ?? "",
    default: name === "concurrency" ? undefined : defaults[name],
    saidBy: name === "use"
      ? "file and operator"
      : name in fileOnly
      ? "file"
      : name in operatorOnly
      ? "operator"
      : "file and operator",
  }));
}

/** The keys that a settings object may have at a path, for "did you mean". */
export function knownSettings(path: readonly string[], where: "file" | "operator"): readonly string[] {
  if (path.length === 0) {
    return Object.keys({ ...settings, ...(where === "file" ? fileOnly : { ...operatorOnly, use: true }) });
  }
  if (path.length === 1 && path[0] === "retry") return Object.keys(retrySchema.shape);
  if (path.length === 1 && path[0] === "pause") return Object.keys(pauseSchema.shape);
  if (path.length === 1 && path[0] === "dedupe") return Object.keys(dedupeSchema.shape);
  if (path.length === 1 && path[0] === "order") return Object.keys(orderSchema.shape);
  if (path.length === 1 && path[0] === "debounce") return Object.keys(debounceSchema.shape);
  if (path.length === 1 && path[0] === "throttle") return Object.keys(throttleSchema.shape);
  if (path.length === 1 && path[0] === "concurrency") return Object.keys(keyedSchema.shape);
  if (path.length === 1 && path[0] === "batch") return Object.keys(batchSchema.shape);
  if (path.length === 1 && path[0] === "rate") return Object.keys(rateFields.shape);
  if (path.length === 1 && path[0] === "permissions") return Object.keys(settings.permissions.unwrap().shape);
  if (path.length === 1 && path[0] === "exchange") return Object.keys(exchangeSchema.shape);
  if (path.length === 2 && path[0] === "exchanges") return Object.keys(exchangeSchema.shape);
  if (path.length === 2 && path[0] === "emits") return Object.keys(emittedSchema.shape);
  if (path.length === 1 && path[0] === "publish") return ["exchange", "routingKey", "queue"];
  return [];
}
