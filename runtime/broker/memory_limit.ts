import { readFileSync } from "node:fs";
import { join } from "node:path";
import { totalmem } from "node:os";

/** More than this is no use: what a message takes beside its bytes lies in a heap that ends at some 4 GB. */
const MOST = 2 ** 31;

/** How the machine is asked. */
export interface Machine {
  /** Bytes of its memory. */
  total(): number;
  /** Text of a file. Throws where there is none, or it may not be read. */
  read(path: string): string;
}

const thisMachine: Machine = { total: totalmem, read: (path) => readFileSync(path, "utf8") };

/**
 * A share (0 to 1) of the memory this process may use, which is the machine's, or its control group's where that is
 * less; 2 GiB at most. In bytes.
 */
export function memoryShare(share: number, machine: Machine = thisMachine): number {
  return Math.min(MOST, Math.floor(share * Math.min(totalOf(machine), groupLimit(machine))));
}

/** The smallest limit of this process's control group and of those it is in; `Infinity` where there is none. */
function groupLimit(machine: Machine): number {
  const lines = readOr(machine, "/proc/self/cgroup", "").split("\n");
  return lines.reduce((least, line) => Math.min(least, limitOf(machine, line)), Infinity);
}

/** A line is `0::/path` in version 2, and `5:memory:/path` in version 1, where each resource has a tree of its own. */
function limitOf(machine: Machine, line: string): number {
  const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
  if (path === undefined) return Infinity;
  if (controllers === "") return leastUpward(machine, "/sys/fs/cgroup", path, "memory.max");
  if (!controllers!.split(",").includes("memory")) return Infinity;
  return leastUpward(machine, "/sys/fs/cgroup/memory", path, "memory.limit_in_bytes");
}

/** In a container the path may be one of outside, of which only the root is to be seen. */
function leastUpward(machine: Machine, root: string, path: string, file: string): number {
  const parts = path.split("/").filter((part) => part !== "");
  const limits = parts.map((_, depth) => join(root, ...parts.slice(0, depth + 1)));
  // `max` is no number, and no limit.
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
