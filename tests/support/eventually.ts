const TIMEOUT = 15_000;

/**
 * Waits until `holds` returns true. It is called again whenever `changed` resolves.
 *
 * @throws Error that shows `seen` when it does not within 15 s
 */
export async function eventually(
  what: string,
  holds: () => boolean,
  changed: () => Promise<void>,
  seen: () => readonly unknown[],
): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    const shown = seen().slice(-20).map((value) => `  ${JSON.stringify(value)}`).join("\n");
    late.reject(new Error(`Not within ${TIMEOUT} ms: ${what}; seen:\n${shown || "  (nothing)"}`));
  }, TIMEOUT);
  try {
    while (!holds()) await Promise.race([changed(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
