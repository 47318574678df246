import type { Trigger } from "../../core/api/trigger.ts";
import { maxRunMs } from "../../core/settings/run_limits.ts";
import { type Layer, resolve, type Resolved } from "../../core/settings/settings.ts";
import type { TriggerFault } from "./trigger.ts";

/** What does not go together with the setting `batch`. `said` holds the settings that were written. */
export function checkBatch(trigger: Trigger, said: Layer, settings: Resolved): TriggerFault[] {
  const { batch, ack, prefetch, consumerTimeout } = settings;
  if (batch === undefined) return [];
  const faults: TriggerFault[] = [];
  const refuse = (message: string, fix: string) => faults.push({ message, fix });
  if (trigger.kind === "rpc") {
    refuse("Option 'batch' does not go with an rpc: each caller waits for its own reply", "remove 'batch'");
  }
  if (ack !== "auto") {
    refuse(
      `Option 'batch' needs ack: "auto": which messages of a batch failed is known when its handler has ended`,
      "remove 'ack', or 'batch'",
    );
  }
  if (said.publish) {
    refuse(
      "Option 'publish' does not go with 'batch': the handler returns once for many messages",
      "remove 'publish', and publish in the handler: await ctx.publish(exchange, key, body)",
    );
  }
  if (said.output) {
    refuse(
      "Option 'output' does not go with 'batch': nobody gets what the handler returns",
      "remove 'output'",
    );
  }
  if (prefetch < batch.size) {
    refuse(
      `Option 'batch' gathers ${batch.size} messages, and deploy.config.ts lets the broker send ${prefetch} at most`,
      `write a smaller 'size', or in deploy.config.ts at least: prefetch: ${batch.size}`,
    );
  }
  if (batch.wait + maxRunMs(settings) > consumerTimeout * 0.95) {
    refuse(
      `Option 'batch.wait' of ${batch.wait} ms and 'timeout' of ${settings.timeout} ms are together not within the ` +
        `broker's own ${consumerTimeout} ms for an unacknowledged message`,
      "write shorter ones, or raise consumer_timeout at the broker and 'consumerTimeout' in deploy.config.ts",
    );
  }
  return faults;
}

/**
 * Settings whose prefetch may be raised for batches, but not above what the operator wrote for this function, and whether
 * it is raised. `layers` are all that was written: defaults, the file, and then the operator's for this function.
 */
export function withinCap(
  settings: Resolved,
  layers: readonly Layer[],
): { readonly settings: Resolved; readonly raised: boolean } {
  if (settings.batch === undefined) return { settings, raised: false };
  const { prefetch } = resolve(...layers.map((layer) => ({ ...layer, batch: undefined })));
  const isCapped = layers.slice(2).some((layer) => layer.prefetch !== undefined);
  return isCapped
    ? { settings: { ...settings, prefetch }, raised: false }
    : { settings, raised: prefetch < settings.prefetch };
}
