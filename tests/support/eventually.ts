const TIMEOUT = 15_000;

/**
 * Waits until `holds` returns true. It is called again whenever `changed` resolves.
 *
 * @throws Error that shows `seen` when it does not within `ms` milliseconds, 15 s if not said
 */
export async function eventually(
  what: string,
  holds: () => boolean,
  changed: () => Promise<void>,
  seen: () => readonly unknown[],
  ms: number = TIMEOUT,
): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    const shown = seen().slice(-20).map((value) => `  ${JSON.stringify(value)}`).join("\n");
    late.reject(new Error(`Not within ${ms} ms: ${what}; seen:\n${shown || "  (nothing)"}`));
  }, ms);
  try {
    while (!holds()) await Promise.race([changed(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
