/** How many values were at most each bound, and their sum: a histogram's series. */
export class Buckets {
  readonly bounds: readonly number[];
  /** How many values were above the bound before and at most this one; the last one is for those above all bounds. */
  readonly counts: number[];
  #sum = 0;
  #count = 0;

  /** `bounds` are in ascending order. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array(bounds.length + 1).fill(0);
  }

  get sum(): number {
    return this.#sum;
  }

  get count(): number {
    return this.#count;
  }

  observe(value: number): void {
    let at = 0;
    while (at < this.bounds.length && value > this.bounds[at]!) at++;
    this.counts[at]!++;
    this.#sum += value;
    this.#count++;
  }
}
