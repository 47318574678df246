/** Somebody whose process is looked at. */
interface Watched {
  /** Kilobytes it may have in memory. */
  readonly most: number;
  readonly onTooMuch: () => void;
}

const everyMs = 500;
const megabyte = 1024;

// What Deno takes for itself, and what is in use for a moment.
const own = 128 * megabyte;

/**
 * Looks at how much memory processes have, twice a second. V8 bounds its heap alone: buffers, WebAssembly's memory and
 * the heaps of workers are outside of it. Where the system does not tell, nobody has too much.
 */
export class MemoryWatch {
  readonly #watched = new Map<number, Watched>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Watches a process with a heap of so many megabytes, which may have as much again beside it. */
  add(pid: number, heap: number, onTooMuch: () => void): void {
    this.#watched.set(pid, { most: 2 * heap * megabyte + own, onTooMuch });
    this.#timer ??= setInterval(() => this.#look(), everyMs);
  }

  /** The process is gone. */
  remove(pid: number): void {
    this.#watched.delete(pid);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    for (const [pid, { most, onTooMuch }] of this.#watched) if (residentOf(pid) > most) onTooMuch();
  }
}

function residentOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
