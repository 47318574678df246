import type { Host, Work } from "../core/ports/host.ts";
import type { Outcome } from "../core/ports/outcome.ts";

/** The host of a function whose code may change. Runs end in the version in which they began. */
export class SwitchHost implements Host {
  #current: Host;
  readonly #leaving = new Set<Host>();

  constructor(host: Host) {
    this.#current = host;
  }

  get live(): boolean {
    return this.#current.live;
  }

  get eager(): boolean {
    return this.#current.eager ?? false;
  }

  prepare(): Promise<void> {
    return this.#current.prepare();
  }

  run(work: Work): Outcome | Promise<Outcome> {
    return this.#current.run(work);
  }

  /** From now on, new runs go to `next`. Resolves when the previous host has ended its runs and is closed. */
  async replace(next: Host): Promise<void> {
    const before = this.#current;
    if (before === next) return;
    this.#current = next;
    this.#leaving.add(before);
    await before.close();
    this.#leaving.delete(before);
  }

  giveUp(reason: unknown): void {
    for (const host of [this.#current, ...this.#leaving]) host.giveUp(reason);
  }

  async close(): Promise<void> {
    await Promise.all([this.#current, ...this.#leaving].map((host) => host.close()));
  }
}
