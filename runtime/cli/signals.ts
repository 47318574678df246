/** How a process is asked to stop. */
export interface StopSignals {
  /** Resolves at the first request. */
  readonly first: Promise<void>;
  /** Resolves at a second one. */
  readonly second: Promise<void>;
  /** Stops listening. */
  close(): void;
}

// A terminal's Ctrl-C reaches the whole process group, and `deno task` passes it on as well: two within this
// many milliseconds are one.
const sameRequestMs = 1000;

/** Listens for SIGINT, SIGTERM and SIGHUP, which a terminal sends when it is closed. */
export function listenForStop(now: () => number = performance.now.bind(performance)): StopSignals {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let firstAt: number | undefined;
  const onSignal = () => {
    if (firstAt === undefined) {
      firstAt = now();
      first.resolve();
    } else if (now() - firstAt > sameRequestMs) {
      second.resolve();
    }
  };
  const signals: Deno.Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  return {
    first: first.promise,
    second: second.promise,
    close: () => {
      for (const signal of signals) Deno.removeSignalListener(signal, onSignal);
    },
  };
}
