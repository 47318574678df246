/** Remembers the last `max` keys that were added. */
export class Recent {
  readonly #max: number;
  readonly #keys = new Set<string>();
  /**
   * The same keys; the oldest is at `#oldest` once there are `max`. The first key of the set would be the oldest too, but
   * V8 looks for it behind the places of all keys that were deleted.
   */
  readonly #inOrder: string[] = [];
  #oldest = 0;

  constructor(max: number) {
    this.#max = max;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(key: string): void {
    if (this.#keys.has(key)) return;
    if (this.#inOrder.length === this.#max) this.#keys.delete(this.#inOrder[this.#oldest]!);
    this.#inOrder[this.#oldest] = key;
    this.#oldest = (this.#oldest + 1) % this.#max;
    this.#keys.add(key);
  }
}
