import type { BatchDeclaration, BatchHandler, BatchOptions } from "../api/batch.ts";
import { declare, type FunctionDeclaration, type Handler } from "../api/function.ts";
import type { Options } from "../api/options.ts";
import type { Trigger } from "../api/trigger.ts";

/** What follows a trigger: options and a handler, or only a handler. */
export type Rest<Input, Output, State> =
  | [handler: Handler<Input, Output, State>]
  | [Options<Input, Output, State>, Handler<Input, Output, State>]
  | [BatchOptions<Input, State>, BatchHandler<Input, State>];

/** What a trigger makes of them. */
export type Declaration<Input, Output, State> =
  | FunctionDeclaration<Input, Output, State>
  | BatchDeclaration<Input, State>;

/**
 * Declares a function with the arguments that follow its trigger. Wrong ones are not refused here: the check of the file
 * reports all of them together, with their lines.
 */
export function declareWith<Input, Output, State>(
  trigger: Trigger,
  rest: Rest<Input, Output, State>,
): Declaration<Input, Output, State> {
  const [options, handler] = rest.length === 1 ? [{}, rest[0]] : rest;
  return declare(trigger, options as Options<Input, Output, State>, handler as Handler<Input, Output, State>);
}

/** The arguments of a trigger with exchanges: one exchange and its match, or a list of both. */
export type ExchangeArguments<Match, Input, Output, State> =
  | [exchange: string, match: Match, ...Rest<Input, Output, State>]
  | [sources: readonly (readonly [exchange: string, match: Match])[], ...Rest<Input, Output, State>];

/** Separates where the messages come from, one exchange or several, from the options and the handler. */
export function sourceIn<Match, Source, Input, Output, State>(
  args: ExchangeArguments<Match, Input, Output, State>,
  sourceOf: (exchange: string, match: Match) => Source,
): [Source | { sources: Source[] }, Rest<Input, Output, State>] {
  if (!Array.isArray(args[0])) {
    const [exchange, match, ...rest] = args as [string, Match, ...Rest<Input, Output, State>];
    return [sourceOf(exchange, match), rest];
  }
  const [pairs, ...rest] = args as [unknown[], ...Rest<Input, Output, State>];
  const sources = pairs.map((pair) => {
    const [exchange, match] = Array.isArray(pair) && pair.length === 2 ? pair : [pair];
    return sourceOf(exchange, match);
  });
  return [{ sources }, rest];
}

/** One key or pattern, or several, as a list. */
export function list(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
