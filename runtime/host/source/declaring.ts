import { pathToFileURL } from "node:url";
import type { FunctionFile } from "../../core/declared.ts";
import { nativePermissions } from "../../core/permissions/native_code.ts";
import type { Version } from "../../core/version.ts";
import type { LoadedThere } from "../process/load_into.ts";
import { toldOfNativeCode, toldWhatItLooksFor, unfetched } from "./advice.ts";
import { asksForAll, type Failed, lackOf, type Lendable, type Lent, unset } from "./lent.ts";
import { nativeAddonOf } from "./native_addon.ts";
import { modulesOf } from "./middleware_modules.ts";
import type { Packages } from "./packages.ts";
import type { Readers } from "./readers.ts";

// The first read, one for packages that were missing, and two for those that others fetched at the same time.
const maxReads = 4;

const halfFetched = /Failed caching npm package/;

// Each try may fail for another fact of the system, of which there are fewer than this.
const maxTries = 24;

// How often a file that misses variables is read again to see which others it looks for, and how long.
const maxLooks = 8;
const maxLookMs = 2_000;

/** Who reads files. */
export interface DeclaringReaders {
  readonly usual: Pick<Readers, "read">;
  /** Reads those that may load native code. */
  readonly native: Pick<Readers, "read">;
}

/** Reads what files declare, and fetches the packages that they need. */
export class Declaring {
  readonly #readers: DeclaringReaders;
  readonly #packages: Packages;
  readonly #renew: () => Promise<void>;

  /** `renew` has files read from now on by processes that know of packages that were just fetched. */
  constructor(readers: DeclaringReaders, packages: Packages, renew: () => Promise<void>) {
    this.#readers = readers;
    this.#packages = packages;
    this.#renew = renew;
  }

  /** `onBegin` is called when the file begins to be loaded. Rejects with `HostUnavailable` if no process can be started. */
  async read(
    file: FunctionFile,
    version: Version,
    lendable: Lendable,
    onBegin: () => void,
  ): Promise<LoadedThere> {
    for (let tries = 1;; tries++) {
      const loaded = await this.#lending(file, version, lendable, onBegin);
      const missing = await this.#missing(version, loaded);
      const isHalfFetched = loaded.kind === "problem" && halfFetched.test(loaded.problem.message);
      if (tries === maxReads || missing.length === 0 && !isHalfFetched) return loaded;
      const fetched = isHalfFetched
        ? await this.#packages.fetchAgain(version.packages)
        : await this.#packages.fetch(missing);
      if (fetched.kind === "failed") return unfetched(file, loaded, fetched.why);
      if (fetched.kind === "there" && tries > 1) return loaded;
      await this.#renew();
    }
  }

  /** Gives a file what it fails without, one thing after the other, and then reports all of it in one problem. */
  async #lending(
    file: FunctionFile,
    version: Version,
    lendable: Lendable,
    onBegin: () => void,
  ): Promise<LoadedThere> {
    let lent: Lent = { sys: [], values: {}, native: false };
    for (let tries = 1;; tries++) {
      const readers = this.#readers[lent.native ? "native" : "usual"];
      const loaded = await readers.read(headOf(file, version, lent), onBegin);
      if (loaded.kind === "declaration") return asksForAll(file, loaded, lent, lendable);
      const more = tries < maxTries ? lackOf(loaded, lent, lendable) : undefined;
      const addon = more === undefined ? await nativeAddonOf(loaded.through) : undefined;
      if (addon !== undefined && (lent.native || lendable.operatorsWord(nativePermissions) !== undefined)) {
        return toldOfNativeCode(loaded, addon, lendable);
      }
      if (more === undefined && addon === undefined) {
        return toldWhatItLooksFor(loaded, lent, await this.#lookedFor(file, version, lent, loaded), lendable);
      }
      lent = more ?? { ...lent, native: true };
    }
  }

  /**
   * The variables that a file which does not load looks for. Who misses one may ask for no further ones, so it is read
   * again with something in those.
   */
  async #lookedFor(file: FunctionFile, version: Version, lent: Lent, failed: Failed): Promise<string[]> {
    const found = new Set(unset(failed, lent));
    const until = performance.now() + maxLookMs;
    for (let known = 0, tries = 0; found.size > known && tries < maxLooks; tries++) {
      if (performance.now() > until) break;
      known = found.size;
      const values = { ...lent.values, ...Object.fromEntries([...found].map((name) => [name, "1"])) };
      const head = headOf(file, version, { ...lent, values, native: false });
      for (const name of unset(await this.#readers.usual.read(head, () => {}), lent)) found.add(name);
    }
    return [...found];
  }

  /** The packages that a file names and that are not there yet. */
  async #missing({ packages }: Version, loaded: LoadedThere): Promise<string[]> {
    if (this.#packages.areInstalled) return [];
    // A file that ended its process has not said where its packages are.
    if (loaded.packages.length !== packages.length) return loaded.kind === "problem" ? [...packages] : [];
    const there = await Promise.all(loaded.packages.map(isThere));
    return packages.filter((_, i) => !there[i]);
  }
}

function headOf({ file, path }: FunctionFile, version: Version, lent: Lent) {
  const { modules, packages } = version;
  const use = modulesOf(version);
  return { file, entry: pathToFileURL(path).href, use, modules: [...modules.keys()], ...lent, packages };
}

async function isThere(url: string): Promise<boolean> {
  if (!url.startsWith("file:")) return false;
  return await Deno.stat(new URL(url)).then(() => true, () => false);
}
