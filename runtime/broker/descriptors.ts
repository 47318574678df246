/**
 * How many connections leave descriptors for files and processes: those this process may have open, without half of
 * them, or 256. Infinity where the system does not tell.
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
