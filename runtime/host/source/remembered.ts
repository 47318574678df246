import { dirname } from "node:path";
import type { FunctionDeclaration } from "../../core/api/function.ts";
import type { Place } from "../../core/text/locate.ts";
import { pack, unpack } from "../wire/packed.ts";
import { type Version, versionOf } from "../../core/version.ts";
import type { Remembered } from "./reader.ts";

/** What is written for a file, and for which release of Hopper and Deno it holds. */
interface Noted {
  readonly release: string;
  readonly functions: readonly {
    readonly entry: string;
    readonly root: string;
    readonly config?: string;
    readonly modules: readonly (readonly [path: string, hash: string])[];
    readonly about: readonly (readonly [path: string, hash: string])[];
    readonly packages: readonly string[];
    readonly declaration: unknown;
    readonly place: Place;
  }[];
}

/** Reads what functions declared when the runtime last ran. What cannot be read is as if it were not there. */
export async function recall(path: string, release: string): Promise<Remembered[]> {
  try {
    const noted = JSON.parse(await Deno.readTextFile(path)) as Noted;
    if (noted.release !== release) return [];
    return noted.functions.map(({ declaration, place, config, modules, about, ...rest }) => ({
      version: versionOf({ ...rest, config, modules: new Map(modules), about: new Map(about) }),
      declaration: unpack(declaration) as FunctionDeclaration,
      place,
    }));
  } catch {
    return [];
  }
}

/** Writes down what functions declare, whole or not at all. */
export async function remember(
  path: string,
  release: string,
  functions: Iterable<Remembered>,
): Promise<void> {
  const noted: Noted = {
    release,
    functions: [...functions].map(({ version, declaration, place }) => ({
      ...asWritten(version),
      declaration: pack({ ...declaration }),
      place,
    })),
  };
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const making = `${path}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(making, JSON.stringify(noted), { mode: 0o600 });
  await Deno.rename(making, path);
}

function asWritten({ entry, root, config, modules, about, packages }: Version) {
  return { entry, root, config, modules: [...modules], about: [...about], packages };
}
