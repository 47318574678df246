import { join } from "node:path";
import { HopperError } from "../../core/api/errors.ts";
import { lendCache } from "./deno_dir.ts";

// The path of a socket may have 108 bytes. This leaves room for the folder's own name and the socket's.
const maxParent = 60;

/** The runtime's own folder, for the sockets of its processes and other temporary files. */
export class RuntimeFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes a folder that only this user can read. Rejects if no folder for temporary files can be used. */
  static async make(): Promise<RuntimeFolder> {
    const parents = new Set(["TMPDIR", "XDG_RUNTIME_DIR"].map((name) => Deno.env.get(name) || "/tmp"));
    for (const dir of parents.add("/tmp")) {
      // Deno gets the sockets in a list, which it splits at commas.
      if (dir.includes(",") || new TextEncoder().encode(dir).length > maxParent) continue;
      const path = await Deno.makeTempDir({ dir, prefix: "hopper-" }).catch(() => undefined);
      if (path === undefined) continue;
      const folder = new RuntimeFolder(path);
      await folder.prepare();
      return folder;
    }
    throw new HopperError(
      "NO_FOLDER",
      `Hopper needs a folder for sockets that it can write, whose path has no comma and at most ${maxParent} bytes; ` +
        `${[...parents].join(", ")} cannot be used: set TMPDIR to such a folder`,
    );
  }

  /** Deno's cache for functions. */
  get cache(): string {
    return join(this.path, "cache");
  }

  /** The lock file for what functions import. */
  get lock(): string {
    return join(this.path, "deno.lock");
  }

  /** Makes what is missing, because systems sometimes clean up folders for temporary files. */
  async prepare(): Promise<void> {
    await Deno.mkdir(this.path, { recursive: true, mode: 0o700 });
    await lendCache(this.cache);
  }
}
