import type { Declared } from "../core/declared.ts";
import { type ExchangeSource, type HeaderMatch, sourcesOf, type Trigger } from "../core/api/trigger.ts";
import { emittedExchanges } from "../core/settings/exchanges.ts";
import { queueName } from "../core/settings/queue_name.ts";
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

function describeBinding(trigger: Trigger): string {
  const [first, ...further] = sourcesOf(trigger).map(describeSource);
  if (first === undefined) return "-";
  return further.length === 0 ? first : fitting([first, ...further], ", ");
}

function describeSource(source: ExchangeSource): string {
  switch (source.kind) {
    case "fanout":
      return source.exchange;
    case "direct":
      return `${source.exchange}  ${fitting(source.keys)}`;
    case "topic":
      return `${source.exchange}  ${fitting(source.patterns)}`;
    case "headers":
      return `${source.exchange}  ${describeMatch(source.match)}`;
  }
}

function describeMatch(match: HeaderMatch): string {
  const [kind, pairs] = "all" in match ? ["all", match.all] : ["any", match.any];
  return `${kind}: ${fitting(Object.entries(pairs).map(([name, value]) => `${name}=${value}`))}`;
}

// One function's long list must not make the rows of all others wider.
const maxWidth = 60;

/** As many words as fit a column, and how many are left out. */
function fitting(words: readonly string[], separator = " "): string {
  let text = "";
  for (const [index, word] of words.entries()) {
    const longer = index === 0 ? word : `${text}${separator}${word}`;
    if (longer.length > maxWidth) {
      return leftOut(index === 0 ? shortened(word) : text, words, Math.max(index, 1));
    }
    text = longer;
  }
  return text;
}

function leftOut(text: string, words: readonly string[], shown: number): string {
  const left = words.length - shown;
  return left === 0 ? text : `${text} … ${left.toLocaleString("en")} more`;
}

function shortened(word: string): string {
  return `${word.slice(0, maxWidth - 1)}…`;
}

function describeQueue(declared: Declared): string {
  const name = queueName(declared) || "(temporary)";
  return declared.settings.declare === "passive" ? `${name} (passive)` : name;
}
