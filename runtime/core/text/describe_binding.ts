import { type ExchangeSource, type HeaderMatch, sourcesOf, type Trigger } from "../api/trigger.ts";

/** What a function is bound to, or when it is due, as one short line; `-` for a queue and an rpc. */
export function describeBinding(trigger: Trigger): string {
  if (trigger.kind === "schedule") return trigger.expression;
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
export function fitting(words: readonly string[], separator = " "): string {
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
