import type { Event, Events } from "../../core/ports/events.ts";
import type { FunctionStats } from "../api/views.ts";
import { RunStats } from "./function_stats.ts";

/** How the runs of each function went, made from events. */
export class AllStats {
  readonly #functions = new Map<string, RunStats>();
  readonly #off: () => void;

  constructor(events: Events) {
    this.#off = events.on((event) => this.#take(event));
  }

  /** Of one function; all zero if it has not run. */
  of(name: string, now = Date.now()): FunctionStats {
    return (this.#functions.get(name) ?? new RunStats()).view(now);
  }

  /** Stops listening. */
  close(): void {
    this.#off();
  }

  #take(event: Event): void {
    switch (event.event) {
      case "handled":
      case "failed":
        this.#stats(event.function).ended(event.ms, event.event === "failed", Date.now());
        break;
      case "retrying":
        this.#stats(event.function).became("retried");
        break;
      case "dead-lettered":
        this.#stats(event.function).became("dead");
        break;
      case "removed":
        this.#functions.delete(event.function);
        break;
    }
  }

  #stats(name: string): RunStats {
    const known = this.#functions.get(name);
    if (known) return known;
    const stats = new RunStats();
    this.#functions.set(name, stats);
    return stats;
  }
}
