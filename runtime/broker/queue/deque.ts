const initialSize = 8;

/** A list in a ring buffer: fast at both ends, can be read anywhere, takes insertions in the middle. */
export class Deque<T> {
  #items: (T | undefined)[] = new Array(initialSize);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  at(index: number): T | undefined {
    return index < this.#length ? this.#items[(this.#head + index) & (this.#items.length - 1)] : undefined;
  }

  push(item: T): void {
    if (this.#length === this.#items.length) this.#resize(this.#length * 2);
    this.#items[(this.#head + this.#length) & (this.#items.length - 1)] = item;
    this.#length++;
  }

  unshift(item: T): void {
    if (this.#length === this.#items.length) this.#resize(this.#length * 2);
    this.#head = (this.#head - 1) & (this.#items.length - 1);
    this.#items[this.#head] = item;
    this.#length++;
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#length--;
    if (this.#items.length > 1024 && this.#length < this.#items.length / 8) {
      this.#resize(this.#items.length / 2);
    }
    return item;
  }

  /** Puts the item before the one now at `index`, moving the shorter side. */
  insert(index: number, item: T): void {
    const mask = () => this.#items.length - 1;
    if (index < this.#length / 2) {
      this.unshift(item);
      for (let i = 0; i < index; i++) {
        this.#items[(this.#head + i) & mask()] = this.#items[(this.#head + i + 1) & mask()];
      }
    } else {
      this.push(item);
      for (let i = this.#length - 1; i > index; i--) {
        this.#items[(this.#head + i) & mask()] = this.#items[(this.#head + i - 1) & mask()];
      }
    }
    this.#items[(this.#head + index) & mask()] = item;
  }

  clear(): void {
    this.#items = new Array(initialSize);
    this.#head = 0;
    this.#length = 0;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this.#length; i++) yield this.at(i)!;
  }

  #resize(capacity: number): void {
    const items: (T | undefined)[] = new Array(capacity);
    for (let i = 0; i < this.#length; i++) items[i] = this.at(i);
    this.#items = items;
    this.#head = 0;
  }
}
