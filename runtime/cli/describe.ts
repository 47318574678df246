import type { Declared } from "../core/declared.ts";
import { emittedExchanges } from "../core/settings/exchanges.ts";
import { queueName } from "../core/settings/queue_name.ts";
import { describeBinding, fitting } from "../core/text/describe_binding.ts";
import { table } from "./output.ts";

/** A table with one row for each function, for the banner and for `hopper list`. */
export function functionTable(functions: readonly Declared[]): string {
  const shown = columns.filter(({ isShown = () => true }) => isShown(functions));
  return table([
    shown.map(({ heading }) => heading),
    ...functions.map((declared) => shown.map(({ cell }) => cell(declared))),
  ]);
}

interface Column {
  readonly heading: string;
  readonly cell: (declared: Declared) => string;
  /** Whether the column has anything to show. */
  readonly isShown?: (functions: readonly Declared[]) => boolean;
}

/** The columns of the table. */
export const columns: readonly Column[] = [
  { heading: "FUNCTION", cell: ({ name }) => name },
  { heading: "TRIGGER", cell: ({ trigger }) => trigger.kind },
  { heading: "BINDING", cell: ({ trigger }) => describeBinding(trigger) },
  { heading: "QUEUE", cell: describeQueue },
  { heading: "PREFETCH", cell: ({ settings }) => String(settings.prefetch) },
  { heading: "ACK", cell: ({ settings }) => settings.ack },
  {
    heading: "EMITS",
    cell: describeEmitted,
    isShown: (functions) => functions.some((declared) => emittedExchanges(declared).length > 0),
  },
  { heading: "FILE", cell: ({ file }) => file },
];

function describeEmitted(declared: Declared): string {
  return fitting(emittedExchanges(declared).map(({ name, type }) => `${name}=${type}`)) || "-";
}

function describeQueue(declared: Declared): string {
  const name = queueName(declared) || "(temporary)";
  const { trigger, settings: { declare, queueType } } = declared;
  if (queueType === "stream" && trigger.kind === "queue") return `${name} (stream ${trigger.queue})`;
  return declare === "passive" ? `${name} (passive)` : name;
}
