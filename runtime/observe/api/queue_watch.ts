import type { Event, Events } from "../../core/ports/events.ts";
import type { Operations, QueueCount } from "./operations.ts";
import type { QueueView } from "./views.ts";

/** Over how many seconds rates are computed. */
const windowMs = 10_000;

/** The queues of the functions, and how their lengths change while somebody looks. */
export class QueueWatch {
  readonly #operations: Operations;
  readonly #off: () => void;
  /** Runs that began, by queue, since the start. */
  readonly #taken = new Map<string, number>();
  #looks: {
    readonly at: number;
    readonly ready: ReadonlyMap<string, number>;
    readonly taken: ReadonlyMap<string, number>;
  }[] = [];

  constructor(operations: Operations, events: Events) {
    this.#operations = operations;
    this.#off = events.on((event) => this.#take(event));
  }

  /** The names of all queues that belong to functions here. */
  names(): string[] {
    return [...this.#owners().keys()];
  }

  /** Every queue as it is now. A queue that the broker does not have has no numbers. */
  async views(): Promise<QueueView[]> {
    const owners = this.#owners();
    const counts = await this.#operations.queues.counts([...owners.keys()]);
    const before = this.#remember(counts);
    const live = this.#operations.functions();
    return [...owners].map(([name, { kind, functions }]) => {
      const count = counts.get(name);
      const unacked = live.filter(({ queue }) => queue === name).reduce(
        (sum, { inFlight }) => sum + inFlight,
        0,
      );
      return {
        name,
        kind,
        functions,
        unacked,
        ...count,
        ...this.#rates(name, count, before),
      };
    }).filter(({ kind, ready }) => ready !== undefined || kind === "work" || kind === "dead");
  }

  /** Stops listening. */
  close(): void {
    this.#off();
  }

  #take(event: Event): void {
    if (event.event !== "started") return;
    const { queue } = event.run;
    this.#taken.set(queue, (this.#taken.get(queue) ?? 0) + 1);
  }

  #owners(): Map<string, { readonly kind: QueueView["kind"]; readonly functions: string[] }> {
    const owners = new Map<string, { readonly kind: QueueView["kind"]; readonly functions: string[] }>();
    for (const { declared: { name }, queues } of this.#operations.functions()) {
      for (const queue of queues) {
        const known = owners.get(queue.name);
        if (known === undefined) owners.set(queue.name, { kind: queue.kind, functions: [name] });
        else if (!known.functions.includes(name)) known.functions.push(name);
      }
    }
    return owners;
  }

  /** Remembers this look, and returns the oldest of the last seconds. */
  #remember(counts: ReadonlyMap<string, QueueCount>) {
    const at = performance.now();
    const ready = new Map([...counts].map(([name, count]) => [name, count.ready]));
    this.#looks = [...this.#looks.filter((look) => look.at > at - windowMs), {
      at,
      ready,
      taken: new Map(this.#taken),
    }];
    return this.#looks[0]!;
  }

  #rates(
    name: string,
    count: QueueCount | undefined,
    before: {
      readonly at: number;
      readonly ready: ReadonlyMap<string, number>;
      readonly taken: ReadonlyMap<string, number>;
    },
  ): Pick<QueueView, "taken" | "growth"> {
    const seconds = (performance.now() - before.at) / 1000;
    if (seconds < 0.2) return { taken: 0 };
    const taken = ((this.#taken.get(name) ?? 0) - (before.taken.get(name) ?? 0)) / seconds;
    const earlier = before.ready.get(name);
    return {
      taken: round(taken),
      ...count === undefined || earlier === undefined
        ? {}
        : { growth: round((count.ready - earlier) / seconds) },
    };
  }
}

function round(rate: number): number {
  return Math.round(rate * 10) / 10;
}
