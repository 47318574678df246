/** What a broker can run short of. */
export type Resource = "memory" | "disk";

/** What the broker is short of at the moment. As long as it is short of something, publishers wait. */
export class Alarms {
  #reason: string | undefined;
  readonly #short = new Set<Resource>();

  /** @param cleared called when there is enough of everything again */
  constructor(readonly cleared: () => void) {}

  /** In the words that clients are told: `low on memory`. Undefined while there is enough of everything. */
  get reason(): string | undefined {
    return this.#reason;
  }

  set(resource: Resource, isShort: boolean): void {
    const was = this.#short.size;
    if (isShort) this.#short.add(resource);
    else this.#short.delete(resource);
    this.#reason = this.#short.size === 0 ? undefined : `low on ${[...this.#short].join(" & ")}`;
    if (was > 0 && this.#short.size === 0) this.cleared();
  }
}
