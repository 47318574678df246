import type { Emit } from "../core/ports/events.ts";

// A function may publish to any number of exchanges; beyond this many they are counted together.
const maxExchanges = 100;
const others = "…";

/** Counts the messages that one function published and no queue took, where that is no error. */
export class Unrouted {
  readonly #function: string;
  readonly #emit: Emit;
  readonly #counts = new Map<string, number>();

  constructor(name: string, emit: Emit) {
    this.#function = name;
    this.#emit = emit;
  }

  /** Counts one more. */
  add(exchange: string, routingKey: string): void {
    const key = this.#counts.has(exchange) || this.#counts.size < maxExchanges ? exchange : others;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    this.#emit({ event: "unrouted", function: this.#function, exchange, routingKey, count });
  }

  /** How many, by exchange. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** How many, by exchange, one line each. */
  get lines(): string[] {
    return [...this.#counts].map(([exchange, count]) =>
      `${this.#function}: ${count} to ${exchange === "" ? "the default exchange" : `exchange '${exchange}'`}`
    );
  }
}
