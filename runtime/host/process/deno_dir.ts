import { join } from "node:path";

// Where Deno stores `localStorage` and `caches`. They need no permission, and all processes share them.
const kept = "location_data";

/**
 * Makes a folder that functions use as Deno's cache. It links to everything in the real cache, and nothing else can be
 * stored in it. With the real cache, functions could fill the disk and leave each other messages.
 */
export async function lendCache(folder: string): Promise<void> {
  const cache = denoDir(Deno.env.toObject());
  await Deno.mkdir(folder, { recursive: true });
  // A file instead of the folder, so that nothing can be written into it.
  await Deno.writeTextFile(join(folder, kept), "");
  if (cache === undefined) return;
  // Packages may be fetched later.
  await Deno.mkdir(join(cache, "npm"), { recursive: true }).catch(() => {});
  for (const name of await namesIn(cache)) {
    // SQLite finds a database's journal next to the real database, so it needs no link.
    if (name !== kept && !/-(?:wal|shm|journal)$/.test(name)) {
      await Deno.symlink(join(cache, name), join(folder, name)).catch(refuseUnlessThere);
    }
  }
}

/** The folder of Deno's own cache, found in the same way as Deno does. */
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
