/** Something that has to be flushed. */
export interface Dirty {
  flush(): void;
}

/** Flushes at the end of each input or timer what it has caused: few large writes instead of one for each frame. */
export class Flusher {
  #dirty: Dirty[] = [];

  add(item: Dirty): void {
    if (this.#dirty.length === 0) queueMicrotask(() => this.#flush());
    this.#dirty.push(item);
  }

  #flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const item of dirty) item.flush();
  }
}
