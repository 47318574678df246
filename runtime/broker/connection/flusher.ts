/** Something with output that waits to be written. */
export interface Dirty {
  flush(): void;
}

/**
 * Writes everything one input or one timer has caused at its end: far fewer, larger writes than one for each frame.
 */
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
