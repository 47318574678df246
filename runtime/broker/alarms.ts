/** What a broker can be short of. */
export type Resource = "memory" | "disk";

/** What the broker is short of just now; while there is anything, who publishes waits. */
export class Alarms {
  /** As clients are told it: `low on memory`. Undefined while there is enough of everything. */
  reason: string | undefined;
  readonly #short = new Set<Resource>();

  /** @param cleared called when there is enough of everything again */
  constructor(readonly cleared: () => void) {}

  set(resource: Resource, isShort: boolean): void {
    const was = this.#short.size;
    if (isShort) this.#short.add(resource);
    else this.#short.delete(resource);
    this.reason = this.#short.size === 0 ? undefined : `low on ${[...this.#short].join(" & ")}`;
    if (was > 0 && this.#short.size === 0) this.cleared();
  }
}
