/** A queue or exchange that exists with another argument, read from the broker's error 406. */
export interface Inequivalence {
  readonly argument: string;
  readonly kind: "queue" | "exchange";
  readonly name: string;
  /** The value declared here. */
  readonly here: string;
  /** The value at the broker. */
  readonly there: string;
}

/** Parses RabbitMQ's text of a 406 for a declaration; `undefined` for another text. */
export function readInequivalence(replyText: string): Inequivalence | undefined {
  const match =
    /inequivalent arg '(.+?)' for (queue|exchange) '(.*?)' in vhost '.*?': received (.+) but current is (.+)$/s
      .exec(replyText);
  if (match === null) return undefined;
  const [, argument, kind, name, here, there] = match as unknown as string[];
  return {
    argument: argument!,
    kind: kind as Inequivalence["kind"],
    name: name!,
    here: value(here!),
    there: value(there!),
  };
}

/** What differs, as the start of a sentence. */
export function describeInequivalence({ argument, kind, name, here, there }: Inequivalence): string {
  return `${kind === "queue" ? "Queue" : "Exchange"} '${name}' exists with other settings: ` +
    `'${argument}' is ${there} at the broker and ${here} here`;
}

// RabbitMQ writes 'false', or: the value '1000' of type 'long', or: none.
function value(text: string): string {
  return /^'(.*)'$/s.exec(text)?.[1] ?? /^the value '(.*)' of type '\w+'$/s.exec(text)?.[1] ?? text;
}
