import { type ExchangeSource, type HeaderMatch, sourcesOf, type Trigger } from "../core/api/trigger.ts";

/** The parts of a message that an exchange routes by. */
export interface Routed {
  readonly exchange: string;
  readonly routingKey: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Whether a message reaches a function with this trigger, by RabbitMQ's rules. */
export function reaches(trigger: Trigger, message: Routed): boolean {
  if (trigger.kind === "queue") return message.exchange === "" && message.routingKey === trigger.queue;
  if (trigger.kind === "schedule") return false;
  if (trigger.kind === "rpc") return message.exchange === "" && message.routingKey === trigger.name;
  return sourcesOf(trigger).some((source) =>
    source.exchange === message.exchange && sourceMatches(source, message)
  );
}

function sourceMatches(source: ExchangeSource, { routingKey, headers }: Routed): boolean {
  switch (source.kind) {
    case "fanout":
      return true;
    case "direct":
      return source.keys.includes(routingKey);
    case "topic":
      return source.patterns.some((pattern) => topicMatches(pattern, routingKey));
    case "headers":
      return headersMatch(source.match, headers);
  }
}

/** Whether a routing key matches a topic pattern: `*` is exactly one word, `#` any number of words. */
export function topicMatches(pattern: string, routingKey: string): boolean {
  return wordsMatch(words(pattern), words(routingKey));
}

/** Whether a message's headers match: every pair of `all`, or at least one of `any`. */
export function headersMatch(match: HeaderMatch, headers: Readonly<Record<string, unknown>>): boolean {
  const fits = ([name, value]: [string, unknown]) => Object.hasOwn(headers, name) && headers[name] === value;
  return "all" in match ? Object.entries(match.all).every(fits) : Object.entries(match.any).some(fits);
}

// For RabbitMQ an empty key has no words, and "a..b" has three, one of them empty.
function words(key: string): readonly string[] {
  return key === "" ? [] : key.split(".");
}

function wordsMatch(pattern: readonly string[], key: readonly string[]): boolean {
  // reached[j]: the pattern's words so far match the key's first j words.
  let reached = [true, ...key.map(() => false)];
  for (const word of pattern) {
    const next = reached.map(() => false);
    for (let j = 0; j <= key.length; j++) {
      if (word === "#") next[j] = reached[j]! || (j > 0 && next[j - 1]!);
      else next[j] = j > 0 && reached[j - 1]! && (word === "*" || word === key[j - 1]);
    }
    reached = next;
  }
  return reached[key.length]!;
}
