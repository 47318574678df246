import { pathToFileURL } from "node:url";
import type { FileProblem, FunctionFile } from "../../core/declared.ts";
import type { PermissionOptions } from "../../core/api/options.ts";
import { isPermissionEntry } from "../../core/permissions/permission_entries.ts";
import { covers, widen, written } from "../../core/permissions/permissions.ts";
import type { Version } from "../../core/version.ts";
import type { LoadedThere } from "../process/load_into.ts";
import type { Packages } from "./packages.ts";
import type { Readers } from "./readers.ts";

/** What a file may be given while it is read, if it fails to load without it. */
export interface Lendable {
  /** The variables of the environment that its function may ask for. */
  env(name: string): string | undefined;
  /** What the operator has to write in deploy.config.ts so that the file may ask for this, if anything. */
  operatorsWord(asked: PermissionOptions): string | undefined;
}

// The first read, one for packages that were missing, and two for those that others fetched at the same time.
const maxReads = 4;

const halfFetched = /Failed caching npm package/;

// Each try may fail for another fact of the system, of which there are fewer than this.
const maxTries = 24;

/** What a file was given so that it loads. Its declaration has to ask for it. */
interface Lent {
  readonly sys: true | readonly string[];
  readonly values: Readonly<Record<string, string>>;
}

/** Reads what files declare, and fetches the packages that they need. */
export class Declaring {
  readonly #readers: Pick<Readers, "read">;
  readonly #packages: Packages;
  readonly #renew: () => Promise<void>;

  /** `renew` has files read from now on by processes that know of packages that were just fetched. */
  constructor(readers: Pick<Readers, "read">, packages: Packages, renew: () => Promise<void>) {
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
    let lent: Lent = { sys: [], values: {} };
    for (let tries = 1;; tries++) {
      const loaded = await this.#readers.read(headOf(file, version, lent), onBegin);
      if (loaded.kind === "declaration") return asksForAll(file, loaded, lent, lendable);
      const more = tries < maxTries ? lackOf(loaded, lent, lendable) : undefined;
      if (more === undefined) return toldWhatItLooksFor(loaded);
      lent = more;
    }
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

function headOf({ file, path }: FunctionFile, { modules, packages }: Version, { sys, values }: Lent) {
  return { file, entry: pathToFileURL(path).href, modules: [...modules.keys()], sys, values, packages };
}

async function isThere(url: string): Promise<boolean> {
  if (!url.startsWith("file:")) return false;
  return await Deno.stat(new URL(url)).then(() => true, () => false);
}

const deniedSys = /NotCapable: Requires sys access(?: to "([^"]*)")?, run again/;

/** What to give a file that did not load: the fact of the system that it was denied, or the variables it looked for. */
function lackOf(
  { problem, asked }: LoadedThere & { kind: "problem" },
  { sys, values }: Lent,
  lendable: Lendable,
): Lent | undefined {
  const [denied, fact] = deniedSys.exec(problem.message) ?? [];
  if (denied !== undefined) {
    if (sys === true) return undefined;
    // Some facts are granted only together with all others.
    const isEntry = fact !== undefined && isPermissionEntry("sys", fact) && !sys.includes(fact);
    return { sys: isEntry ? [...sys, fact] : true, values };
  }
  const more = asked.flatMap((name) => {
    const value = Object.hasOwn(values, name) ? undefined : lendable.env(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return more.length === 0 ? undefined : { sys, values: { ...values, ...Object.fromEntries(more) } };
}

/** The declaration, if it asks for what the file was given. */
function asksForAll(
  { file }: FunctionFile,
  loaded: LoadedThere & { kind: "declaration" },
  { sys, values }: Lent,
  lendable: Lendable,
): LoadedThere {
  const asked = permissionsIn(loaded.declaration.options);
  const has = (kind: "sys" | "env", one: string | true) =>
    covers(asked, kind, one, { cwd: "/", realPath: (path) => path });
  const used = { sys, env: Object.keys(values) };
  const wider = widen(asked, used, (kind, one) => has(kind as "sys" | "env", one));
  if (written(wider) === written(asked)) return loaded;
  const facts = sys === true ? ["every fact of the system"] : sys;
  const needs = [...facts, ...Object.keys(values)].map((name) => `'${name}'`).join(", ");
  const word = lendable.operatorsWord(wider);
  const problem: FileProblem = {
    file,
    ...loaded.place,
    message: `It fails to load without ${needs}, which it does not ask for`,
    fix: `write in the file: permissions: ${written(wider)}` +
      (word === undefined ? "" : `, and in deploy.config.ts: ${word}`),
  };
  return { kind: "problem", problem, asked: loaded.asked, packages: loaded.packages };
}

function permissionsIn(options: unknown): PermissionOptions {
  const { permissions } = (options ?? {}) as { permissions?: unknown };
  const entries = (kind: "sys" | "env") => {
    const asked = (permissions as Record<string, unknown> | undefined)?.[kind];
    if (asked === true) return true;
    return Array.isArray(asked) ? asked.filter((entry) => isPermissionEntry(kind, entry)) : [];
  };
  return typeof permissions === "object" && permissions !== null
    ? { sys: entries("sys"), env: entries("env") as string[] }
    : {};
}

/** The problem, with the variables that the file looked for, as one of them may be what is missing. */
function toldWhatItLooksFor(loaded: LoadedThere & { kind: "problem" }): LoadedThere {
  const names = loaded.asked.filter((name) =>
    isPermissionEntry("env", name) && !name.endsWith("*") && !/^(?:NODE|DENO)_/.test(name)
  );
  if (names.length === 0 || loaded.process !== undefined) return loaded;
  const { problem } = loaded;
  const which = names.map((name) => `"${name}"`).join(", ");
  const fix = `${problem.fix}; while loading it looks for variables that are not set: if it needs one, set ` +
    `it for the runtime and write in the file: permissions: { env: [${which}] }`;
  return { ...loaded, problem: { ...problem, fix } };
}

function unfetched({ file }: FunctionFile, loaded: LoadedThere, why: string): LoadedThere {
  const failure = `its packages could not be fetched: ${why}`;
  const problem: FileProblem = loaded.kind === "problem"
    ? { ...loaded.problem, message: `${loaded.problem.message}; ${failure}` }
    : {
      file,
      message: `It loads, but ${failure}`,
      fix: "check the name and version, and whether the registry can be reached",
    };
  return { kind: "problem", problem, asked: loaded.asked, packages: loaded.packages };
}
