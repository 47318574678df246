import type { Declared, FileProblem } from "../../core/declared.ts";
import { type ExchangeSource, sourcesOf } from "../../core/api/trigger.ts";
import { queueName } from "../../core/settings/queue_name.ts";

/** Functions that cannot run together, and what is done about it. */
export interface Conflicts {
  /** One problem for each function that cannot run beside the other. */
  readonly problems: readonly FileProblem[];
  /** Functions to leave out. */
  readonly refused: ReadonlySet<string>;
  /** What is allowed but seldom meant: that functions compete for one queue, say. */
  readonly notices: readonly string[];
}

/** Finds functions that share a queue: with other bindings they are refused, with the same ones they compete. */
export function findConflicts(functions: readonly Declared[]): Conflicts {
  const problems: FileProblem[] = [];
  const notices: string[] = [];
  const refused = new Set<string>();
  const named = functions.filter((declared) => queueName(declared) !== "");
  for (const [queue, sharing] of Map.groupBy(named, queueName)) {
    if (sharing.length === 1) continue;
    const alike = sharing.every((declared) => sourceOf(declared) === sourceOf(sharing[0]!));
    if (alike) {
      notices.push(
        `${
          sharing.map(({ name }) => name).join(" and ")
        } compete for queue '${queue}': each gets a part of its messages`,
      );
      continue;
    }
    for (const declared of sharing) {
      const others = sharing.filter((other) => other !== declared).map(({ file, trigger }) =>
        `${file} (${trigger.kind})`
      );
      refused.add(declared.name);
      problems.push({
        file: declared.file,
        message: `Queue '${queue}' is also consumed by ${
          others.join(", ")
        } with other bindings, so each would get the other's messages`,
        fix: declared.trigger.kind === "queue" || declared.trigger.kind === "rpc"
          ? `give one of them another queue`
          : `give it a queue of its own: queue: "${declared.name}.own"`,
      });
    }
  }
  return { problems, refused, notices };
}

// Bindings have no order, so they are compared without one. One exchange may be written several times.
function sourceOf({ name, trigger }: Declared): string {
  // Each keeps its own last tick.
  if (trigger.kind === "schedule") return JSON.stringify([trigger.kind, name]);
  const sources = sourcesOf(trigger).flatMap((source) => eachAlone(source).map((one) => JSON.stringify(one)));
  return JSON.stringify([trigger.kind, ...new Set(sources.toSorted())]);
}

function eachAlone(source: ExchangeSource): unknown[] {
  const { kind, exchange } = source;
  if (kind === "direct") return source.keys.map((key) => [exchange, key]);
  if (kind === "topic") return source.patterns.map((pattern) => [exchange, pattern]);
  if (kind === "fanout") return [[exchange]];
  return Object.entries(source.match).map((
    [all, pairs],
  ) => [exchange, all, Object.entries(pairs).toSorted()]);
}
