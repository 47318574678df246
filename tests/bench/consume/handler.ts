/** What both programs do with a message: nothing, or a wait of `slowMs` for one of `slowEvery` messages. */
export function createHandler(
  { count, warmup, slowEvery, slowMs }: { count: number; warmup: number; slowEvery: number; slowMs: number },
): () => void | Promise<void> {
  let handled = 0;
  let startedAt = 0;
  return () => {
    handled++;
    if (handled === warmup) startedAt = performance.now();
    if (handled === count) console.log(JSON.stringify({ ms: performance.now() - startedAt }));
    if (slowEvery > 0 && handled % slowEvery === 0) {
      return new Promise((resolve) => setTimeout(resolve, slowMs));
    }
  };
}
