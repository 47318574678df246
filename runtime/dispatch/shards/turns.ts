/** Lets the messages of one key pass one after the other, in the order in which they ask. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** `before` resolves when the message before has passed; `undefined` if there is none. `done` lets the next one pass. */
  take(key: string): { readonly before: Promise<void> | undefined; readonly done: () => void } {
    const before = this.#last.get(key);
    const { promise: mine, resolve } = Promise.withResolvers<void>();
    this.#last.set(key, mine);
    const done = () => {
      if (this.#last.get(key) === mine) this.#last.delete(key);
      resolve();
    };
    return { before, done };
  }
}
