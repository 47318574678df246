/** The setting `memory` in megabytes. */
export function megabytes(memory: string): number {
  const amount = Number.parseInt(memory);
  return memory.endsWith("GB") ? amount * 1024 : amount;
}
