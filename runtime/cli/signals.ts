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
  // Where it is to be ignored it is listened for all the same: else Deno would end the process.
  const onHangUp = hangsUp() ? onSignal : () => {};
  const listeners = [["SIGINT", onSignal], ["SIGTERM", onSignal], ["SIGHUP", onHangUp]] as const;
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  return {
    first: first.promise,
    second: second.promise,
    close: () => {
      for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
    },
  };
}

// Whoever starts a program with nohup wants it to go on when the terminal is closed.
function hangsUp(): boolean {
  try {
    const [, ignored = "0"] = /^SigIgn:\s*([\da-f]+)$/m.exec(Deno.readTextFileSync("/proc/self/status")) ??
      [];
    return (BigInt(`0x${ignored}`) & 1n) === 0n;
  } catch {
    return true;
  }
}
