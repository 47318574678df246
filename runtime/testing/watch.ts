import { describeProblem } from "../core/declared.ts";
import type { Event, Events } from "../core/ports/events.ts";

/** The events that a test can wait for. */
type RunEvent = Event & { readonly event: "handled" | "failed" | "unrouted" };

/** What has happened since a test began, and a way to wait for more. */
export interface EventWatch {
  /** Waits for event number `count` of this kind and function, counted from 1. */
  nth<Kind extends RunEvent["event"]>(
    kind: Kind,
    name: string,
    count: number,
  ): Promise<Event & { event: Kind }>;
  /** What is wrong with the folder's files, one line each. */
  problems(): string[];
  close(): void;
}

/** Watches a runtime. A wait rejects after `patience` milliseconds, and its message lists what did happen. */
export function watchEvents(events: Events, patience: number): EventWatch {
  const runs: RunEvent[] = [];
  const problems: string[] = [];
  const waiting = new Set<() => void>();
  const off = events.on((event) => {
    if (event.event === "problem") problems.push(describeProblem(event));
    if (event.event !== "handled" && event.event !== "failed" && event.event !== "unrouted") return;
    runs.push(event);
    for (const look of waiting) look();
  });

  return {
    nth(kind, name, count) {
      type Wanted = Event & { event: typeof kind };
      const find = () =>
        runs.filter((run) => run.event === kind && run.function === name)[count - 1] as Wanted | undefined;
      return new Promise<Wanted>((resolve, reject) => {
        const look = () => {
          const found = find();
          if (found === undefined) return;
          done();
          resolve(found);
        };
        const timer = setTimeout(() => {
          done();
          reject(
            new Error(
              `Expected ${count} ${kind} run(s) of '${name}' within ${patience} ms; there were: ${
                told(runs)
              }`,
            ),
          );
        }, patience);
        const done = () => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      });
    },
    problems: () => problems,
    close: off,
  };
}

function told(runs: readonly RunEvent[]): string {
  if (runs.length === 0) return "none";
  return runs.map((run) => `${run.function} ${run.event}${run.event === "failed" ? ` (${run.error})` : ""}`)
    .join(", ");
}
