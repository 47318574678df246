/**
 * How many connections this process can have and still open files and start processes: its limit of file descriptors,
 * less a half of it or 256, whichever is less. Infinity where the system does not tell the limit.
 */
export function affordableConnections(): number {
  const limit = descriptorLimit();
  return limit - Math.min(Math.floor(limit / 2), 256);
}

function descriptorLimit(): number {
  try {
    const limits = Deno.readTextFileSync("/proc/self/limits");
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return soft === undefined ? Infinity : Number(soft);
  } catch {
    return Infinity;
  }
}
