/** A disk that is really full when a test says so: a small one in memory, mounted for it. */

import { run } from "./process.ts";

/** A mounted folder of a few MB; it is gone at the end. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Leaves no byte free. */
  fill(): Promise<void>;
  /** Gives back what `fill` has taken. */
  makeRoom(): Promise<void>;
}

/** Whether disks can be mounted here; where they cannot, it is said, and the tests that need one are left out. */
export const canMount = Deno.uid() === 0;
if (!canMount) console.warn("Tests of a full disk are left out: mounting one needs root");

/** Mounts a disk of so many MB. */
export async function withSmallDisk(megabytes: number): Promise<SmallDisk> {
  const path = await Deno.makeTempDir({ prefix: "hopper-disk-" });
  await succeed("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path);
  const filler = `${path}/filler`;
  return {
    path,
    async fill() {
      using file = await Deno.open(filler, { create: true, append: true });
      // Page by page at the end, so that none is left.
      for (const size of [256 * 1024, 4096]) await writeUntilFull(file, new Uint8Array(size));
    },
    makeRoom: () => Deno.remove(filler),
    async [Symbol.asyncDispose]() {
      await succeed("umount", path);
      await Deno.remove(path);
    },
  };
}

async function writeUntilFull(file: Deno.FsFile, chunk: Uint8Array): Promise<void> {
  try {
    for (;;) await file.write(chunk);
  } catch (error) {
    if (!/os error 28/.test(String(error))) throw error;
  }
}

async function succeed(program: string, ...args: string[]): Promise<void> {
  const { code, stderr } = await run(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
}
