import { join } from "node:path";
import { HopperError } from "../../core/api/errors.ts";
import { lendCache } from "./deno_dir.ts";

// The address of a socket has 108 bytes: room for the folder's own name, and a socket's, is left.
const maxParent = 60;

/** A folder of the runtime's own, for the sockets of its processes and what else goes with it. */
export class RuntimeFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes one that this user alone may look into. Rejects if no folder for temporary files can be used. */
  static async make(): Promise<RuntimeFolder> {
    const parents = new Set(["TMPDIR", "XDG_RUNTIME_DIR"].map((name) => Deno.env.get(name) || "/tmp"));
    for (const dir of parents.add("/tmp")) {
      // Deno is told of sockets in a list, which it splits at commas.
      if (dir.includes(",") || new TextEncoder().encode(dir).length > maxParent) continue;
      const path = await Deno.makeTempDir({ dir, prefix: "hopper-" }).catch(() => undefined);
      if (path === undefined) continue;
      const folder = new RuntimeFolder(path);
      await folder.prepare();
      return folder;
    }
    throw new HopperError(
      "NO_FOLDER",
      `Sockets need a folder that can be written, without a comma and of at most ${maxParent} bytes; ` +
        `none of ${[...parents].join(", ")} is one: set TMPDIR to one that is`,
    );
  }

  /** Deno's cache, as functions have it. */
  get cache(): string {
    return join(this.path, "cache");
  }

  /** The lock file of what functions import. */
  get lock(): string {
    return join(this.path, "deno.lock");
  }

  /** Makes what is missing: folders for temporary files are cleaned up now and then. */
  async prepare(): Promise<void> {
    await Deno.mkdir(this.path, { recursive: true, mode: 0o700 });
    await lendCache(this.cache);
  }
}
