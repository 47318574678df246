import type { Declared } from "../core/declared.ts";
import type { HeaderMatch, Trigger } from "../core/trigger.ts";
import { queueName } from "../topology/plan.ts";

/** The row of a function in the banner and in `hopper list`; `functionHeadings` names its columns. */
export function functionRow(declared: Declared): string[] {
  const { name, trigger, settings, file } = declared;
  return [
    name,
    trigger.kind,
    describeBinding(trigger),
    describeQueue(declared),
    String(settings.prefetch),
    settings.ack,
    file,
  ];
}

/** The columns of `functionRow`. */
export const functionHeadings: readonly string[] = [
  "FUNCTION",
  "TRIGGER",
  "BINDING",
  "QUEUE",
  "PREFETCH",
  "ACK",
  "FILE",
];

function describeBinding(trigger: Trigger): string {
  switch (trigger.kind) {
    case "queue":
    case "rpc":
      return "-";
    case "fanout":
      return trigger.exchange;
    case "direct":
      return `${trigger.exchange}  ${fitting(trigger.keys)}`;
    case "topic":
      return `${trigger.exchange}  ${fitting(trigger.patterns)}`;
    case "headers":
      return `${trigger.exchange}  ${describeMatch(trigger.match)}`;
  }
}

function describeMatch(match: HeaderMatch): string {
  const [kind, pairs] = "all" in match ? ["all", match.all] : ["any", match.any];
  return `${kind}: ${fitting(Object.entries(pairs).map(([name, value]) => `${name}=${value}`))}`;
}

// One function's long list shall not widen the rows of all others.
const widest = 60;

/** Words with spaces between them, as many as fit a column; how many are left out is said. */
function fitting(words: readonly string[]): string {
  let text = "";
  for (const [index, word] of words.entries()) {
    const longer = index === 0 ? word : `${text} ${word}`;
    if (longer.length > widest) {
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
  return `${word.slice(0, widest - 1)}…`;
}

function describeQueue(declared: Declared): string {
  return queueName(declared) || "(temporary)";
}
