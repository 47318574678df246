import type { HopperError } from "../../core/api/errors.ts";
import type { MaybePromise } from "../delivery/maybe_promise.ts";

/** The ids of handled messages, kept for as long as the function's `dedupe` setting says. */
export interface IdStore {
  /** Whether an id is remembered; an error if nobody knows, and its message must not run. Never rejects. */
  has(key: string): MaybePromise<boolean | HopperError>;
  /** Remembers the id of a message that was handled. `arrivedAt`, of `performance.now()`, is when it came. Never rejects. */
  add(key: string, arrivedAt: number): MaybePromise<void>;
  close(): MaybePromise<void>;
  /** Resolves if ids can be looked up now. Without it, they always can. */
  ready?(): Promise<void>;
}

/** The ids of a store in this process, which fails at once if it fails. */
export interface LocalIds {
  has(key: string): boolean;
  add(key: string): void;
  close(): void;
}

/** The same ids, but a failing store fails no message: a message whose id cannot be looked up is run. */
export function forgiving(ids: LocalIds, onError: (error: unknown) => void): LocalIds {
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
export function idsInMemory(ms: number, now: () => number = () => performance.now()): LocalIds {
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
