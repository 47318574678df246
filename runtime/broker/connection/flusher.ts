/** Something with output that waits to be written. */
export interface Dirty {
  flush(): void;
}

/** Writes everything one input has caused at its end: far fewer, larger writes than one for each frame. */
export class Flusher {
  #dirty: Dirty[] = [];

  add(item: Dirty): void {
    this.#dirty.push(item);
  }

  flush(): void {
    const dirty = this.#dirty;
    if (dirty.length === 0) return;
    this.#dirty = [];
    for (const item of dirty) item.flush();
  }
}
