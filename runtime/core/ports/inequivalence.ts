/** Which argument differs in a 406, as the broker words it. */
export interface Inequivalence {
  readonly argument: string;
  readonly kind: "queue" | "exchange";
  readonly name: string;
  /** What is declared here. */
  readonly here: string;
  /** What the broker has. */
  readonly there: string;
}

/** Reads RabbitMQ's text for a 406 on a declare. */
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

/** What differs, as a sentence without its end. */
export function describeInequivalence({ argument, kind, name, here, there }: Inequivalence): string {
  return `${kind === "queue" ? "Queue" : "Exchange"} '${name}' exists with other settings: ` +
    `'${argument}' is ${there} at the broker and ${here} here`;
}

// RabbitMQ writes 'false', or: the value '1000' of type 'long', or: none.
function value(text: string): string {
  return /^'(.*)'$/s.exec(text)?.[1] ?? /^the value '(.*)' of type '\w+'$/s.exec(text)?.[1] ?? text;
}
