import { HopperError } from "../../core/api/errors.ts";
import { pause } from "../../core/backoff.ts";
import { type IdServer, StoreDown } from "../../core/ports/id_server.ts";
import type { IdStore } from "./id_store.ts";

/** What is needed to remember ids in a store that all replicas share. */
interface SharedParts {
  /** For how many milliseconds an id is remembered. */
  readonly ms: number;
  /** Tells people something. */
  readonly say: (message: string) => void;
}

/** The same, where messages wait while the store is away. */
interface WaitingParts extends SharedParts {
  /** A message must be settled within this many milliseconds after its arrival. */
  readonly maxHereMs: number;
  /** Called when the store is away. */
  readonly onDown: (error: unknown) => void;
  /** Aborts when the runtime stops and waits no longer. */
  readonly stop: AbortSignal;
}

// How long a message that was handled waits, unacknowledged, until its id is remembered. Then it is acknowledged all the
// same: to run it again would be certain to do what the store is there to prevent.
const holdMs = 30_000;
const retryMs = 500;

// How often a store that is away is looked for.
const lookMs = 1_000;

/** Nothing runs while the store is away, and what was handled is acknowledged once its id is remembered. */
export function waitFor(server: IdServer, { ms, say, maxHereMs, onDown, stop }: WaitingParts): IdStore {
  return {
    ready: () => server.ready(),
    async has(key) {
      try {
        return await server.has(storeKey(key));
      } catch (error) {
        return asHopperError(error);
      }
    },
    async add(key, arrivedAt) {
      const until = Math.min(performance.now() + holdMs, arrivedAt + maxHereMs);
      let why: unknown;
      do {
        try {
          return await server.add(storeKey(key), ms);
        } catch (error) {
          onDown(why = error);
        }
      } while (performance.now() < until && await pause(retryMs, stop));
      say(`'${storeKey(key)}' was handled, and is not remembered: ${asHopperError(why).message}`);
    },
    close: () => server.close(),
  };
}

/** While the store is away, messages run and their ids are not remembered. */
export function runWithout(server: IdServer, { ms, say }: SharedParts): IdStore {
  const closing = new AbortController();
  let watching: Promise<void> | undefined;

  const lost = (error: unknown) => {
    if (watching || closing.signal.aborted) return;
    say(`handled ids are not remembered until their store is back: ${asHopperError(error).message}`);
    watching = untilBack();
  };
  const untilBack = async () => {
    while (await pause(lookMs, closing.signal)) {
      if (await server.ready().then(() => true, () => false)) break;
    }
    watching = undefined;
    if (!closing.signal.aborted) say("handled ids are remembered again");
  };
  const attempt = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    // A store that hangs would hold up every message.
    if (watching) return otherwise;
    try {
      return await work();
    } catch (error) {
      lost(error);
      return otherwise;
    }
  };
  attempt(() => server.ready(), undefined);

  return {
    has: (key) => attempt(() => server.has(storeKey(key)), false),
    add: (key) => attempt(() => server.add(storeKey(key), ms), undefined),
    async close() {
      closing.abort();
      await watching;
      await server.close();
    },
  };
}

/** A key in the form `queue:id`, in characters that every store takes, and different for different keys. */
export function storeKey(key: string): string {
  return encodeURIComponent(key.toWellFormed()).replace("%0A", ":");
}

function asHopperError(error: unknown): HopperError {
  return error instanceof HopperError ? error : new StoreDown(String(error), { cause: error });
}
