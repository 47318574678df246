import type { FileProblem } from "../core/declared.ts";
import type { FunctionDeclaration } from "../core/function.ts";
import type { Place } from "../core/locate.ts";
import { pack, unpack } from "../core/packed.ts";
import { loadBudget } from "./load.ts";
import type { HostProcess } from "./process.ts";
import { fromHost, type LoadHead, toHost } from "./wire/messages.ts";

/** A file that a process shall load. */
export interface FileToLoad {
  /** The function's name. */
  readonly name: string;
  /** The file, as people are shown it. */
  readonly file: string;
  /** The file's URL. */
  readonly entry: string;
  /** URL of the functions folder. */
  readonly folder: string;
  /** URLs of the packages' modules that the file will import, as far as they are known. */
  readonly packages: readonly string[];
  /** What its texts call packages, whose URLs are asked for. */
  readonly named: readonly string[];
}

// More of them are loaded as the file asks for them.
const mostPackages = 100;

/** Text of local files, by URL. */
export type Texts = Readonly<Record<string, string>>;

/** A file's declaration as its process has it, or what is wrong with the file; and what it loaded. */
export type LoadedThere =
  & {
    /** URLs of the local files. */
    readonly loaded: readonly string[];
    /** URLs of the packages' modules that these import. */
    readonly packages: readonly string[];
    /** Whether it names packages that its process does not know. */
    readonly lacks: boolean;
  }
  & (
    | { readonly kind: "declaration"; readonly declaration: FunctionDeclaration; readonly place: Place }
    | {
      readonly kind: "problem";
      readonly problem: FileProblem;
      /** What became of its process, if it is gone. */
      readonly process?: "ended" | "stuck";
    }
  );

// Beyond what the process itself allows: one that is this late is stuck.
const stuckMs = loadBudget + 2_000;

/**
 * Has a process load a file that may import any of `texts`; `given` are those that the process has not been sent
 * before. Never rejects; a process that is stuck after `ms` milliseconds is ended.
 */
export async function loadInto(
  process: HostProcess,
  file: FileToLoad,
  texts: Texts,
  given: Texts = texts,
  ms = stuckMs,
): Promise<LoadedThere> {
  const { promise: loaded, resolve } = Promise.withResolvers<LoadedThere>();
  process.listen({
    onFrame: ({ kind, head }) => {
      if (kind === fromHost.loaded) resolve(readLoaded(head, file, texts));
    },
    onLine: () => {},
  });
  const timer = setTimeout(() => {
    resolve(ended(file, `It did not finish loading within ${ms / 1000} s`, "stuck"));
    process.kill();
  }, ms);
  const dead = process.ended.then((how) =>
    ended(file, `The file ends its process when it is loaded: it ${how}`, "ended")
  );
  const head: LoadHead = { ...file, files: given };
  process.send(toHost.load, 1, head);
  try {
    return await Promise.race([loaded, dead]);
  } finally {
    clearTimeout(timer);
  }
}

function ended({ file }: FileToLoad, message: string, process: "ended" | "stuck"): LoadedThere {
  const fix = "mend what the file does when it is loaded";
  return {
    kind: "problem",
    problem: { file, message, fix },
    loaded: [],
    packages: [],
    lacks: false,
    process,
  };
}

// What comes from a function's process is what the function wants it to be.
function readLoaded(head: unknown, { file, folder }: FileToLoad, texts: Texts): LoadedThere {
  const { declaration, place, problem, ...reached } = (head ?? {}) as Record<string, unknown>;
  const loaded = strings(reached.loaded).filter((url) => Object.hasOwn(texts, url));
  const found = strings(reached.packages);
  const packages = found.filter((url) => isPackage(url, folder)).slice(0, mostPackages);
  const lacks = found.some((url) => url.startsWith("npm:"));
  if (isRecord(declaration)) {
    const unpacked = unpack(declaration) as FunctionDeclaration;
    if (isRecord(unpacked.trigger)) {
      return { kind: "declaration", declaration: unpacked, place: readPlace(place), loaded, packages, lacks };
    }
  }
  const { message, fix } = (isRecord(problem) ? problem : {}) as Record<string, unknown>;
  return {
    kind: "problem",
    problem: {
      file,
      ...readPlace(problem),
      message: typeof message === "string" ? message : "The file cannot be read",
      fix: typeof fix === "string" ? fix : 'write: export default queue("name", handler)',
    },
    loaded,
    packages,
    lacks,
  };
}

// They are loaded with the function's permissions: no code that came in an address, and none of another function's.
function isPackage(url: string, folder: string): boolean {
  return url.startsWith("file:") && !url.startsWith(folder);
}

/** What a file declares, as text that is the same for the same. */
export function declaredText({ trigger, options }: FunctionDeclaration): string {
  return JSON.stringify(pack([trigger, options]));
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function readPlace(value: unknown): Place {
  const { line, column } = isRecord(value) ? value : {};
  return {
    line: typeof line === "number" ? line : undefined,
    column: typeof column === "number" ? column : undefined,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
