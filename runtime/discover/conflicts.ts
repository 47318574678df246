import type { Declared, FileProblem } from "../core/declared.ts";
import { queueName } from "../core/settings/queue_name.ts";

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

// Bindings have no order, so they are compared without one.
function sourceOf({ trigger }: Declared): string {
  return JSON.stringify(trigger, (_key, part) => {
    if (Array.isArray(part)) return [...new Set(part)].sort();
    return typeof part === "object" ? Object.fromEntries(Object.entries(part).toSorted()) : part;
  });
}
