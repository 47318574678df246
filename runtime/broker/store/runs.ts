/** Numbers of rows to delete, as runs: one statement deletes what was consumed in order. */
export class Runs {
  #numbers: number[] = [];

  get length(): number {
    return this.#numbers.length;
  }

  add(number: number): void {
    this.#numbers.push(number);
  }

  clear(): void {
    this.#numbers = [];
  }

  /** Calls back with the first and last number of each run. */
  each(run: (first: number, last: number) => void): void {
    const numbers = this.#numbers.sort((a, b) => a - b);
    for (let i = 0; i < numbers.length;) {
      const first = numbers[i]!;
      let last = first;
      while (++i < numbers.length && numbers[i]! <= last + 1) last = numbers[i]!;
      run(first, last);
    }
  }
}
