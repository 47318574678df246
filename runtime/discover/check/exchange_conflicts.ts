import type { Declared, FileProblem } from "../../core/declared.ts";
import { describeExchange, emittedExchanges, triggerExchanges } from "../../core/settings/exchanges.ts";
import type { ExchangeDeclaration } from "../../core/ports/amqp.ts";
import type { Conflicts } from "./conflicts.ts";

/** How one function declares an exchange. */
interface Said {
  readonly declared: Declared;
  readonly exchange: ExchangeDeclaration;
  readonly as: string;
}

/**
 * Finds exchanges that functions declare in different ways, of which the broker can have only one. A function that only
 * publishes there is refused, as those that consume from the exchange decide what it is. Where the consumers differ,
 * the broker decides, so that no running function is stopped because of another.
 */
export function findExchangeConflicts(functions: readonly Declared[]): Conflicts {
  // A passive function declares nothing.
  const declaring = functions.filter(({ settings }) => settings.declare !== "passive");
  const consumed = Map.groupBy(
    declaring.flatMap((declared) => saying(declared, triggerExchanges(declared))),
    nameOf,
  );
  const emitted = Map.groupBy(
    declaring.flatMap((declared) => saying(declared, emittedExchanges(declared))),
    nameOf,
  );
  const notices: string[] = [];
  for (const [name, said] of consumed) if (differ(said)) notices.push(undecided(name, said));
  const wrong = [...emitted].flatMap(([name, said]) => {
    const right = consumed.get(name);
    if (right === undefined) return differ(said) ? said.map((one) => problemOf(one, said)) : [];
    return said.filter((one) => !right.some(({ as }) => as === one.as)).map((one) => problemOf(one, right));
  });
  return {
    problems: wrong.map(({ problem }) => problem),
    refused: new Set(wrong.map(({ name }) => name)),
    notices,
  };
}

function saying(declared: Declared, exchanges: readonly ExchangeDeclaration[]): Said[] {
  return exchanges.map((exchange) => ({ declared, exchange, as: describeExchange(exchange) }));
}

function nameOf({ exchange }: Said): string {
  return exchange.name;
}

function differ(said: readonly Said[]): boolean {
  return said.some(({ as }) => as !== said[0]!.as);
}

function problemOf(
  { declared, exchange, as }: Said,
  said: readonly Said[],
): { name: string; problem: FileProblem } {
  const others = said.filter((other) => other.as !== as);
  const { name, file } = declared;
  return {
    name,
    problem: {
      file,
      message: `Option 'emits': exchange '${exchange.name}' is declared as ${as} here and otherwise by ${
        list(others)
      }`,
      fix: "declare it in the same way in each, or use another name",
    },
  };
}

function undecided(name: string, said: readonly Said[]): string {
  return `Exchange '${name}' is declared in several ways, by ${
    list(said)
  }: the broker has one of them, and refuses ` +
    "the others";
}

function list(said: readonly Said[]): string {
  return said.map(({ declared: { file }, as }) => `${file} (${as})`).join(", ");
}
