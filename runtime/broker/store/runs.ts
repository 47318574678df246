/** Numbers to delete, gathered into runs: what was consumed in order is deleted by one statement. */
export class Runs {
  #numbers: number[] = [];

  get isEmpty(): boolean {
    return this.#numbers.length === 0;
  }

  add(number: number): void {
    this.#numbers.push(number);
  }

  /** Calls back with the first and last number of each run, and forgets them. */
  drain(each: (first: number, last: number) => void): void {
    const numbers = this.#numbers.sort((a, b) => a - b);
    this.#numbers = [];
    for (let i = 0; i < numbers.length;) {
      const first = numbers[i]!;
      let last = first;
      while (++i < numbers.length && numbers[i]! <= last + 1) last = numbers[i]!;
      each(first, last);
    }
  }
}
