import process from "node:process";

/** The requests to stop this process. */
export interface StopSignals {
  /** Resolves at the first request. */
  readonly first: Promise<void>;
  /** Resolves at the second request. */
  readonly second: Promise<void>;
  /** A request by a key, which is never the same as one before. */
  request(): void;
  /** Stops listening. */
  close(): void;
}

// Ctrl-C in a terminal reaches this process twice: directly, and through `deno task`. Two signals within this many
// milliseconds count as one.
const sameRequestMs = 1000;

/**
 * Listens for SIGINT, SIGTERM and SIGHUP (a terminal sends that when it is closed), and for the end of the package's
 * command, where that has started this process.
 */
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
  // Even if SIGHUP is to be ignored, there must be a listener: without one Deno would end the process.
  const onHangUp = hangsUp() ? onSignal : () => {};
  const listeners = [["SIGINT", onSignal], ["SIGTERM", onSignal], ["SIGHUP", onHangUp]] as const;
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  process.on("disconnect", onSignal);
  return {
    first: first.promise,
    second: second.promise,
    request() {
      if (firstAt !== undefined) return second.resolve();
      firstAt = -Infinity;
      first.resolve();
    },
    close: () => {
      for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
      process.off("disconnect", onSignal);
    },
  };
}

// A program started with nohup must keep running when the terminal is closed.
function hangsUp(): boolean {
  try {
    const [, ignored = "0"] = /^SigIgn:\s*([\da-f]+)$/m.exec(Deno.readTextFileSync("/proc/self/status")) ??
      [];
    return (BigInt(`0x${ignored}`) & 1n) === 0n;
  } catch {
    return true;
  }
}
