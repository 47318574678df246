const placesAtFirst = 64;

/** What has a number. */
interface Numbered {
  readonly id: number;
}

/**
 * The runs in one process, by their numbers. Both sides of the wire have one.
 *
 * It is no `Map`, because V8 keeps what a Map held when it last grew until the old generation is collected: with many
 * short runs, hardly any message would be freed early.
 */
export class RunTable<Run extends Numbered> {
  /** A run's place is the remainder of its number. */
  #places: (Run | undefined)[] = emptyPlaces(placesAtFirst);
  #size = 0;
  #last = 0;

  /** How many runs there are. */
  get size(): number {
    return this.#size;
  }

  /** A number for the next run. No other run has it, and its place is free; numbers repeat after 2³². */
  nextId(): number {
    if (this.#size * 2 >= this.#places.length) this.#grow();
    do this.#last = this.#last % 0xffff_ffff + 1; while (
      this.#places[this.#placeOf(this.#last)] !== undefined
    );
    return this.#last;
  }

  /** Adds a run, whose number no other run here has. */
  add(run: Run): void {
    while (this.#places[this.#placeOf(run.id)] !== undefined) this.#grow();
    this.#places[this.#placeOf(run.id)] = run;
    this.#size++;
  }

  get(id: number): Run | undefined {
    const run = this.#places[this.#placeOf(id)];
    return run?.id === id ? run : undefined;
  }

  /** Does nothing if there is none with this number. */
  delete(id: number): void {
    if (this.get(id) === undefined) return;
    this.#places[this.#placeOf(id)] = undefined;
    this.#size--;
  }

  /** All of them. */
  all(): Run[] {
    return this.#places.filter((run) => run !== undefined);
  }

  #placeOf(id: number): number {
    return id & this.#places.length - 1;
  }

  #grow(): void {
    const runs = this.all();
    this.#places = emptyPlaces(this.#places.length * 2);
    for (const run of runs) this.#places[this.#placeOf(run.id)] = run;
  }
}

function emptyPlaces<Run>(count: number): (Run | undefined)[] {
  return new Array(count).fill(undefined);
}
