import { dirname } from "node:path";
import { describeError } from "../../core/api/errors.ts";
import type { FunctionDeclaration } from "../../core/api/function.ts";
import type { Schemas } from "../../core/contract.ts";
import type { Place } from "../../core/text/locate.ts";
import { type Version, versionOf } from "../../core/version.ts";
import { pack, unpack } from "../wire/packed.ts";

/** What a version of a file declared when it was read. */
export interface Remembered {
  readonly version: Version;
  readonly declaration: FunctionDeclaration;
  readonly place: Place;
  readonly schemas: Schemas;
}

/** Where declarations survive a restart. */
export interface DeclarationStoreOptions {
  /** Absolute path of the file, which need not exist. */
  readonly path: string;
  /** The releases of Hopper and Deno for which what is written holds. */
  readonly release: string;
  /** Called when the file cannot be written, with the reason. */
  readonly onTrouble: (trouble: string) => void;
}

// Another one whenever what is written for a function changes.
const form = 3;

/** Keeps what functions declare in a file, so that those that did not change need not be read at the next start. */
export class DeclarationStore {
  readonly #options: DeclarationStoreOptions;
  /** The ids of the versions that were written last. */
  #written = "";
  #writing: Promise<void> = Promise.resolve();

  constructor(options: DeclarationStoreOptions) {
    this.#options = options;
  }

  /** Reads what was written last. A file that cannot be read, or is of another release, counts as empty. */
  async recall(): Promise<Remembered[]> {
    const { path, release } = this.#options;
    try {
      const written = JSON.parse(await Deno.readTextFile(path)) as Written;
      const isCurrent = written.form === form && written.release === release;
      return isCurrent ? written.functions.map(fromWritten) : [];
    } catch {
      return [];
    }
  }

  /** Writes these declarations in place of the last ones, if they differ; `close` waits for it. */
  remember(functions: readonly Remembered[]): void {
    const ids = functions.map(({ version }) => version.id).sort().join();
    if (ids === this.#written) return;
    this.#written = ids;
    this.#writing = this.#writing.then(() => this.#write(functions)).catch((error) => {
      // What is not written is read again at the next start.
      this.#written = "";
      const what = "Cannot save what the functions declare for the next start";
      this.#options.onTrouble(`${what}: ${describeError(error)}`);
    });
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#writing;
  }

  /** Writes the whole file, or nothing. */
  async #write(functions: readonly Remembered[]): Promise<void> {
    const { path, release } = this.#options;
    const written: Written = { form, release, functions: functions.map(toWritten) };
    await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const making = `${path}.${crypto.randomUUID()}`;
    await Deno.writeTextFile(making, JSON.stringify(written), { mode: 0o600 });
    await Deno.rename(making, path);
  }
}

/** The file's content. */
interface Written {
  readonly form: number;
  readonly release: string;
  readonly functions: readonly WrittenFunction[];
}

/** What is written for one function. */
interface WrittenFunction {
  readonly entry: string;
  readonly root: string;
  readonly config?: string;
  readonly modules: readonly (readonly [path: string, hash: string])[];
  readonly about: readonly (readonly [path: string, hash: string])[];
  readonly packages: readonly string[];
  readonly uses?: readonly string[];
  readonly declaration: unknown;
  readonly place: Place;
  readonly schemas: Schemas;
}

function toWritten({ version, declaration, place, schemas }: Remembered): WrittenFunction {
  const { entry, root, config, modules, about, packages, uses } = version;
  const code = { entry, root, config, modules: [...modules], about: [...about], packages, uses };
  return { ...code, declaration: pack({ ...declaration }), place, schemas };
}

function fromWritten(written: WrittenFunction): Remembered {
  const { declaration, place, schemas, config, modules, about, ...rest } = written;
  return {
    version: versionOf({ ...rest, config, modules: new Map(modules), about: new Map(about) }),
    declaration: unpack(declaration) as FunctionDeclaration,
    place,
    schemas,
  };
}
