/** The ids of handled messages, kept for as long as the function's `dedupe` setting says. */
export interface IdStore {
  has(key: string): boolean;
  add(key: string): void;
  close(): void;
}

/** The same ids, but a failing store fails no message: a message whose id cannot be looked up is run. */
export function forgiving(ids: IdStore, onError: (error: unknown) => void): IdStore {
  const attempt = <T>(work: () => T, otherwise: T): T => {
    try {
      return work();
    } catch (error) {
      onError(error);
      return otherwise;
    }
  };
  return {
    has: (key) => attempt(() => ids.has(key), false),
    add: (key) => attempt(() => ids.add(key), undefined),
    close: () => attempt(() => ids.close(), undefined),
  };
}

// About 10 MB of ids. With more, the oldest are forgotten early.
const maxRemembered = 100_000;

/** Remembers ids in memory, until the process ends. */
export function idsInMemory(ms: number, now: () => number = () => performance.now()): IdStore {
  const expires = new Map<string, number>();
  const forgetOld = () => {
    for (const [key, at] of expires) {
      if (at > now() && expires.size <= maxRemembered) return;
      expires.delete(key);
    }
  };
  return {
    has: (key) => (expires.get(key) ?? 0) > now(),
    add(key) {
      expires.delete(key);
      expires.set(key, now() + ms);
      forgetOld();
    },
    close: () => expires.clear(),
  };
}
