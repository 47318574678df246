import { describeBinding } from "../../core/text/describe_binding.ts";
import type { Origins } from "../../core/settings/layers.ts";
import { describeUse } from "../../core/text/describe_use.ts";
import { scheduleSettings } from "../../core/settings/schedule_settings.ts";
import { describeSettings } from "../../core/settings/describe_settings.ts";
import { type Resolved } from "../../core/settings/settings.ts";
import { describeKey } from "../../core/settings/key_settings.ts";
import { describeLatest } from "../../core/settings/latest_settings.ts";
import { shardingOption } from "../../core/settings/shard_settings.ts";
import { jsonSafe } from "./run_views.ts";
import type { AllStats } from "../stats/all_stats.ts";
import type { LiveView } from "./operations.ts";
import type { FunctionDetail, FunctionSummary, SettingView } from "./views.ts";

/** A function in a list. */
export function functionSummary(live: LiveView, stats: AllStats): FunctionSummary {
  const { declared: { name, file, trigger, settings: { batch } }, queue, state, why, schedule, inFlight } =
    live;
  const binding = describeBinding(trigger);
  return {
    name,
    file,
    trigger: trigger.kind,
    binding: binding === "-" ? "" : binding,
    queue,
    state,
    ...why === undefined ? {} : { why },
    ...schedule && { schedule },
    inFlight,
    ...batch && { batch },
    stats: stats.of(name),
  };
}

/** A function with its settings and versions. */
export function functionDetail(live: LiveView, stats: AllStats): FunctionDetail {
  const { input, description } = live.declared.contract;
  return {
    ...functionSummary(live, stats),
    settings: settingsOf(live),
    versions: live.versions,
    ...input && { inputSchema: input },
    ...description !== undefined && { description },
  };
}

function settingsOf({ declared: { trigger, settings, origins } }: LiveView): SettingView[] {
  const use = describeUse(settings);
  const values: Readonly<Record<string, unknown>> = {
    ...settings,
    use: use.length > 0 ? use : undefined,
  };
  const isShown = (name: string) =>
    values[name] !== undefined && (trigger.kind === "schedule" || !Object.hasOwn(scheduleSettings, name));
  return describeSettings().filter(({ name }) => isShown(name)).map(({ name }) => ({
    name,
    value: keyedValue(name, settings) ?? valueOf(name, values[name]),
    from: (name === "use" ? fromOf(origins) : origins[name]) ?? "default",
  }));
}

// The operator's part of it is a setting of its own.
function fromOf({ middleware, use }: Origins): string | undefined {
  return [middleware, use].filter((from) => from !== undefined).join(", ") || undefined;
}

/** The value of a setting that spreads messages by key. */
function keyedValue(name: string, { sharding }: Resolved): unknown {
  if (sharding === undefined) return undefined;
  const { by, limit, shards, alone, latest } = sharding;
  if (name !== shardingOption(sharding).split(".")[0]) return undefined;
  const key = describeKey(by);
  if (latest !== undefined) return { key, runs: describeLatest(latest), shards };
  if (name === "order") return { by: key, shards };
  return { limit, key, shards, scope: alone ? "cluster" : "process" };
}

// Schemas and functions belong to the code; that they are there is all that can be shown.
const asCode: Readonly<Record<string, string>> = {
  input: "a schema",
  output: "a schema",
  setup: "a function",
  onExhausted: "a function",
};

function valueOf(name: string, value: unknown): unknown {
  return asCode[name] ?? jsonSafe(value);
}
