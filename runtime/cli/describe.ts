import type { Declared } from "../core/declared.ts";
import { emittedExchanges } from "../core/settings/exchanges.ts";
import { timeText } from "../core/schedule/tick.ts";
import { effectivePrefetch } from "../core/settings/effective_prefetch.ts";
import { describeSharding } from "../core/settings/shard_settings.ts";
import { describeRate } from "../core/settings/rate_settings.ts";
import { queueName } from "../core/settings/queue_name.ts";
import { describeBinding, fitting } from "../core/text/describe_binding.ts";
import { describeUse } from "../core/text/describe_use.ts";
import { table } from "./output.ts";

/** When the latest tick of schedules was sent, as text by the function's name. */
export type LatestTicks = ReadonlyMap<string, string>;

/** A table with one row for each function, for the banner and for `hopper list`. */
export function functionTable(functions: readonly Declared[], latest: LatestTicks = new Map()): string {
  const shown = columns.filter(({ isShown = () => true }) => isShown(functions, latest));
  return table([
    shown.map(({ heading }) => heading),
    ...functions.map((declared) => shown.map(({ cell }) => cell(declared, latest))),
  ]);
}

interface Column {
  readonly heading: string;
  readonly cell: (declared: Declared, latest?: LatestTicks) => string;
  /** Whether the column has anything to show. */
  readonly isShown?: (functions: readonly Declared[], latest: LatestTicks) => boolean;
}

/** The columns of the table. */
export const columns: readonly Column[] = [
  { heading: "FUNCTION", cell: ({ name }) => name },
  { heading: "TRIGGER", cell: ({ trigger }) => trigger.kind },
  { heading: "BINDING", cell: ({ trigger }) => describeBinding(trigger) },
  { heading: "QUEUE", cell: describeQueue },
  {
    heading: "NEXT",
    cell: nextOf,
    isShown: (functions) => functions.some(({ recurrence }) => recurrence !== undefined),
  },
  {
    heading: "LATEST",
    cell: ({ name }, latest) => latest?.get(name) ?? "-",
    isShown: (functions, latest) => functions.some(({ name }) => latest.has(name)),
  },
  { heading: "PREFETCH", cell: ({ settings }) => String(effectivePrefetch(settings)) },
  {
    heading: "BATCH",
    cell: ({ settings: { batch } }) => batch ? `${batch.size}, ${batch.wait}ms` : "-",
    isShown: (functions) => functions.some(({ settings }) => settings.batch !== undefined),
  },
  {
    heading: "RATE",
    cell: ({ settings: { rate } }) => rate === false ? "-" : describeRate(rate),
    isShown: (functions) => functions.some(({ settings }) => settings.rate !== false),
  },
  {
    heading: "BY KEY",
    cell: ({ settings: { sharding } }) => sharding === undefined ? "-" : describeSharding(sharding),
    isShown: (functions) => functions.some(({ settings }) => settings.sharding !== undefined),
  },
  { heading: "ACK", cell: ({ settings }) => settings.ack },
  {
    heading: "EMITS",
    cell: describeEmitted,
    isShown: (functions) => functions.some((declared) => emittedExchanges(declared).length > 0),
  },
  { heading: "FILE", cell: ({ file }) => file },
];

function nextOf({ recurrence }: Declared): string {
  const next = recurrence?.next(Date.now());
  return next === undefined ? "-" : timeText(next);
}

function describeEmitted(declared: Declared): string {
  return fitting(emittedExchanges(declared).map(({ name, type }) => `${name}=${type}`)) || "-";
}

function describeQueue(declared: Declared): string {
  const name = queueName(declared) || "(temporary)";
  const { trigger, settings: { declare, queueType } } = declared;
  if (queueType === "stream" && trigger.kind === "queue") return `${name} (stream ${trigger.queue})`;
  return declare === "passive" ? `${name} (passive)` : name;
}

/** A function's settings that somebody wrote, one line each with who did; and what is around its handler, in its order. */
export function writtenSettings({ name, settings, origins }: Declared): string {
  const { middleware: _, use: _own, ...values } = settings as Readonly<Record<string, unknown>>;
  const written = Object.keys(origins).filter((setting) => values[setting] !== undefined);
  const rows = written.map((setting) => [`  ${setting}`, valueText(values[setting]), origins[setting]!]);
  const used = describeUse(settings).map((one, i) => [
    i === 0 ? "  use" : "",
    one,
    i < settings.middleware.length ? origins.middleware! : "file",
  ]);
  const all = [...rows, ...used];
  return all.length === 0 ? `${name}: all settings have their defaults` : `${name}\n${table(all)}`;
}

// Schemas and functions belong to the code.
function valueText(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null && "~standard" in value) return "a schema";
  return JSON.stringify(value, (_, field) => typeof field === "function" ? "a function" : field);
}
