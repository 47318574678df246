import type { Binding, Destination, Exchange } from "../exchange/exchange.ts";

/** Every binding of a virtual host. An exchange knows those that lead away from it; this also knows the others. */
export class BindingTable {
  readonly #incoming = new Map<Destination, Set<Binding>>();

  add(binding: Binding): void {
    binding.source.bind(binding);
    const incoming = this.#incoming.get(binding.destination);
    if (incoming) incoming.add(binding);
    else this.#incoming.set(binding.destination, new Set([binding]));
  }

  /** False: there was no such binding. */
  remove(binding: Binding): boolean {
    if (!binding.source.unbind(binding)) return false;
    const incoming = this.#incoming.get(binding.destination);
    incoming?.delete(binding);
    if (incoming?.size === 0) this.#incoming.delete(binding.destination);
    return true;
  }

  /** How many bindings lead to the queue or exchange. */
  countTo(destination: Destination): number {
    return this.#incoming.get(destination)?.size ?? 0;
  }

  /** The bindings that end with a queue. */
  to(destination: Destination): Binding[] {
    return [...this.#incoming.get(destination) ?? []];
  }

  /** The bindings that end with an exchange. */
  fromOrTo(exchange: Exchange): Binding[] {
    return [...exchange.bindings.values(), ...this.to(exchange)];
  }
}
