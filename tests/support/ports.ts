/**
 * A free TCP port on the loopback address.
 *
 * Picked below the range the kernel hands to outgoing connections (32768 and up on Linux): a broker that
 * comes back on its old port must not find it taken by a client that was retrying meanwhile.
 */
export function freePort(): number {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (isFree(port)) return port;
  }
  throw new Error("No free port between 20000 and 32000 in 100 attempts; end what listens there");
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
