const encoder = new TextEncoder();

/** Which of `shards` queues, counted from 0, has the messages of a key. It is the same in every runtime: FNV-1a. */
export function shardOf(key: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  // The lowest bits of similar keys differ little.
  hash ^= hash >>> 15;
  return (Math.imul(hash, 0x2c1b3c6d) >>> 8) % shards;
}
