/** The oldest ones are set apart when so many places follow them, most of which are free by then. */
const maxPlaces = 4096;

/** So many places of what is gone are kept before the others move up. */
const maxGone = 1024;

/**
 * What is under way on a channel, by its delivery tag: the first one has tag 1, and each further one the next.
 *
 * It is no `Map`, because V8 keeps what a Map held when it last grew until the old generation is collected: hardly any
 * message would be freed early.
 */
export class TagWindow<Item> {
  readonly #items: (Item | undefined)[] = [];
  /** The place of the oldest one, and its tag. */
  #head = 0;
  #oldest = 1;
  /** Those that are under way for so long that thousands have passed them. */
  readonly #late = new Map<number, Item>();

  /** Adds what has the next tag. */
  add(item: Item): void {
    this.#items.push(item);
    if (this.#items.length - this.#head > maxPlaces) this.#setApart();
  }

  /** Removes and returns what has this tag; `undefined` if it is gone. */
  take(tag: number): Item | undefined {
    if (tag < this.#oldest) return this.#takeLate(tag);
    const place = this.#head + tag - this.#oldest;
    const item = this.#items[place];
    if (item === undefined) return undefined;
    this.#items[place] = undefined;
    this.#moveUp();
    return item;
  }

  /** Removes and returns everything up to and including this tag, the oldest first. */
  takeUpTo(tag: number): Item[] {
    const late = [...this.#late.keys()].filter((one) => one <= tag).map((one) => this.#takeLate(one)!);
    const end = Math.min(this.#head + tag - this.#oldest + 1, this.#items.length);
    const taken: Item[] = [];
    for (let place = this.#head; place < end; place++) {
      const item = this.#items[place];
      if (item !== undefined) taken.push(item);
      this.#items[place] = undefined;
    }
    this.#moveUp();
    return late.length === 0 ? taken : [...late, ...taken];
  }

  /** Everything, the oldest first. */
  *[Symbol.iterator](): Generator<Item> {
    yield* this.#late.values();
    for (let place = this.#head; place < this.#items.length; place++) {
      const item = this.#items[place];
      if (item !== undefined) yield item;
    }
  }

  #takeLate(tag: number): Item | undefined {
    const item = this.#late.get(tag);
    this.#late.delete(tag);
    return item;
  }

  #setApart(): void {
    this.#late.set(this.#oldest, this.#items[this.#head]!);
    this.#items[this.#head] = undefined;
    this.#moveUp();
  }

  #moveUp(): void {
    while (this.#head < this.#items.length && this.#items[this.#head] === undefined) {
      this.#head++;
      this.#oldest++;
    }
    if (this.#head === this.#items.length) this.#items.length = this.#head = 0;
    else if (this.#head >= maxGone) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
