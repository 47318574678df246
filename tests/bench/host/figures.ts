/** The percentile: a value that this percentage of the values does not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * percent / 100))]!;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}
