const megabyte = 1024;

// Stacks of threads, and what is in use for a moment.
const slack = 128 * megabyte;

// Until it is known what Deno itself reserves, of which V8 alone has 512 megabytes for the code it makes.
const reservedAtMost = 1536 * megabyte;

/**
 * How much data a process may have in memory, in kilobytes. V8 bounds the heap alone; buffers, WebAssembly's memory and
 * the heaps of workers are outside of it, and would else grow until the machine has none left.
 */
export class DataLimit {
  #reserved: number | undefined;

  /** The limit for a heap of so many megabytes: room for it, and for as much beside it. */
  for(memory: number): number {
    return (this.#reserved ?? reservedAtMost) + 2 * memory * megabyte + slack;
  }

  /** Looks at what a process has that runs no function's code yet. Where the system does not tell, nothing is learnt. */
  async learn(pid: number): Promise<void> {
    if (this.#reserved !== undefined) return;
    const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
    const data = Number(/^VmData:\s+(\d+) kB$/m.exec(status)?.[1]);
    if (data > 0) this.#reserved = data;
  }
}
