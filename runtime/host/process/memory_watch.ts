/** A process that is watched. */
interface Watched {
  /** The most memory it may have, in kilobytes. */
  readonly max: number;
  readonly onTooMuch: () => void;
}

const everyMs = 500;
const megabyte = 1024;

// For Deno itself, and for short peaks.
const own = 128 * megabyte;

/**
 * Checks how much memory processes use, twice a second. V8 limits only its heap, and not buffers, WebAssembly memory and
 * the heaps of workers. On a system without `/proc` there is no limit.
 */
export class MemoryWatch {
  readonly #watched = new Map<number, Watched>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Watches a process. `heap` is its largest heap in megabytes; it may use as much again outside of the heap. */
  add(pid: number, heap: number, onTooMuch: () => void): void {
    this.#watched.set(pid, { max: 2 * heap * megabyte + own, onTooMuch });
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
    for (const [pid, { max, onTooMuch }] of this.#watched) if (residentOf(pid) > max) onTooMuch();
  }
}

function residentOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
