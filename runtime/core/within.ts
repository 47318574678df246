/** Waits for work, but for no more than `ms` milliseconds: then it gives `"late"`, and the work goes on. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | "late"> {
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  const timer = setTimeout(() => resolve("late"), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
