/** A small disk in memory that a test can fill. */

import { run } from "./process.ts";

/** A mounted folder of a few MB. It is unmounted at the end. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Fills it to the last byte. */
  fill(): Promise<void>;
  /** Frees the space that `fill` took. */
  makeRoom(): Promise<void>;
}

/** Whether disks can be mounted here. If not, a notice is printed, and the tests that need one are left out. */
export const canMount = Deno.uid() === 0;
if (!canMount) console.warn("Tests of a full disk are left out: mounting one needs root");

/** Mounts a disk of this many MB. */
export async function withSmallDisk(megabytes: number): Promise<SmallDisk> {
  const path = await Deno.makeTempDir({ prefix: "hopper-disk-" });
  await succeed("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path);
  const filler = `${path}/filler`;
  return {
    path,
    async fill() {
      using file = await Deno.open(filler, { create: true, append: true });
      // Page by page at the end, so that no page is left.
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
