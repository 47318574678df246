import { readFileSync } from "node:fs";
import { join } from "node:path";
import { totalmem } from "node:os";

/** More is of no use: what a message takes beside its bytes is in a heap of about 4 GB at most. */
const maxBytes = 2 ** 31;

/** Where the limits are read. */
export interface Machine {
  /** Bytes of its memory. */
  total(): number;
  /** Text of a file. Throws where there is none, or it may not be read. */
  read(path: string): string;
}

const thisMachine: Machine = { total: totalmem, read: (path) => readFileSync(path, "utf8") };

/**
 * A share (0 to 1) of the memory that this process may use, in bytes; 2 GiB at most. It may use that of the machine, or
 * that of its control group where this is less.
 */
export function memoryShare(share: number, machine: Machine = thisMachine): number {
  return Math.min(maxBytes, Math.floor(share * Math.min(totalOf(machine), groupLimit(machine))));
}

/** The smallest limit of this process's control group and of the groups around it; `Infinity` where there is none. */
function groupLimit(machine: Machine): number {
  const lines = readOr(machine, "/proc/self/cgroup", "").split("\n");
  return lines.reduce((least, line) => Math.min(least, limitOf(machine, line)), Infinity);
}

/** A line is `0::/path` in version 2, and `5:memory:/path` in version 1, which has a tree for each resource. */
function limitOf(machine: Machine, line: string): number {
  const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
  if (path === undefined) return Infinity;
  if (controllers === "") return leastUpward(machine, "/sys/fs/cgroup", path, "memory.max");
  if (!controllers!.split(",").includes("memory")) return Infinity;
  return leastUpward(machine, "/sys/fs/cgroup/memory", path, "memory.limit_in_bytes");
}

/** In a container the path may be the one outside of it; then only the root can be read. */
function leastUpward(machine: Machine, root: string, path: string, file: string): number {
  const parts = path.split("/").filter((part) => part !== "");
  const limits = parts.map((_, depth) => join(root, ...parts.slice(0, depth + 1)));
  // `max` means that there is no limit.
  return [root, ...limits].reduce((least, folder) => {
    const bytes = parseInt(readOr(machine, join(folder, file), "max"));
    return Number.isNaN(bytes) ? least : Math.min(least, bytes);
  }, Infinity);
}

function totalOf(machine: Machine): number {
  try {
    return machine.total();
  } catch {
    return Infinity;
  }
}

function readOr(machine: Machine, path: string, otherwise: string): string {
  try {
    return machine.read(path);
  } catch {
    return otherwise;
  }
}
