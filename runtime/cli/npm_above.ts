import { readFileSync } from "node:fs";
import process from "node:process";

// Nobody tells a process that the one above it is gone.
const lookMs = 1_000;

/**
 * Calls `onGone` once the npm or npx that has started this process is gone, as npm passes on nothing when it is killed.
 * Does nothing where no npm has, or the system does not say (it has no `/proc`). Gives what ends the watch.
 */
export function watchNpmAbove(onGone: () => void): () => void {
  const npm = npmAbove();
  if (npm === undefined) return () => {};
  const timer = setInterval(() => {
    if (npmAbove() === npm) return;
    clearInterval(timer);
    onGone();
  }, lookMs);
  return () => clearInterval(timer);
}

/** The process id of the npm above: npm starts what it is asked for by a shell, which may have become that itself. */
function npmAbove(): number | undefined {
  const parent = process.ppid;
  return [parent, parentOf(parent)].find((pid) => pid !== undefined && isNpm(pid));
}

function isNpm(pid: number): boolean {
  return /^npm /.test(read(`/proc/${pid}/cmdline`));
}

function parentOf(pid: number): number | undefined {
  // The name of the program, in parentheses, may hold anything.
  const [, parent] = /^\S+ \S (\d+)/.exec(read(`/proc/${pid}/stat`).replace(/^(\d+) \(.*\)/s, "$1")) ?? [];
  return parent === undefined ? undefined : Number(parent);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
