import { join } from "node:path";

// Where Deno keeps what `localStorage` and `caches` are given, which takes no permission and is shared by all.
const kept = "location_data";

/**
 * Makes a folder that is Deno's cache for functions: everything that is cached is there, and nothing else can be kept in
 * it. Without it functions could fill the disk, and leave each other messages there. What is there already stays.
 */
export async function lendCache(folder: string): Promise<void> {
  const cache = denoDir(Deno.env.toObject());
  await Deno.mkdir(folder, { recursive: true });
  // What is no folder cannot be written into.
  await Deno.writeTextFile(join(folder, kept), "");
  if (cache === undefined) return;
  // Packages may be fetched later.
  await Deno.mkdir(join(cache, "npm"), { recursive: true }).catch(() => {});
  for (const name of await namesIn(cache)) {
    // The journal of a database is found beside the database that a link leads to.
    if (name !== kept && !/-(?:wal|shm|journal)$/.test(name)) {
      await Deno.symlink(join(cache, name), join(folder, name)).catch(refuseUnlessThere);
    }
  }
}

/** Deno's own cache, as Deno finds it. */
function denoDir({ DENO_DIR, XDG_CACHE_HOME, HOME }: Record<string, string>): string | undefined {
  if (DENO_DIR) return DENO_DIR;
  if (Deno.build.os === "darwin") return HOME && join(HOME, "Library", "Caches", "deno");
  return XDG_CACHE_HOME ? join(XDG_CACHE_HOME, "deno") : HOME && join(HOME, ".cache", "deno");
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch {
    return [];
  }
}

function refuseUnlessThere(error: unknown): void {
  if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
}
