import type { FileProblem } from "../../core/declared.ts";
import type { FunctionDeclaration } from "../../core/api/function.ts";
import type { Schemas } from "../../core/contract.ts";
import type { Place } from "../../core/text/locate.ts";
import { pack, unpack } from "../wire/packed.ts";
import { isRecord, strings } from "../../core/values.ts";
import { loadBudget } from "../child/load.ts";
import { readSchemas } from "../child/schemas.ts";
import type { HostProcess } from "./process.ts";
import { fromHost, type LoadHead, type ReadHead, toHost } from "../wire/messages.ts";

/** A file's declaration, as reported by its process, or what is wrong with the file. */
export type LoadedThere =
  & {
    /** The variables that the file read while it was loaded; `*` if it listed all. */
    readonly asked: readonly string[];
    /** The places of the requested packages, as `file:///…`; the name of a package that cannot be found. */
    readonly packages: readonly string[];
  }
  & (
    | {
      readonly kind: "declaration";
      readonly declaration: FunctionDeclaration;
      readonly place: Place;
      /** Empty where the file was loaded to run. */
      readonly schemas: Schemas;
    }
    | {
      readonly kind: "problem";
      readonly problem: FileProblem;
      /** The files that its error came through, as URLs, innermost first. */
      readonly through: readonly string[];
      /** What happened to its process, if it is gone. */
      readonly process?: "ended" | "stuck";
    }
  );

// Longer than the process's own limit: if no answer came by then, it is stuck.
const stuckMs = loadBudget + 2_000;

/** Loads the file in a function's process. Never rejects. A process without an answer after `ms` milliseconds is killed. */
export function loadIn(process: HostProcess, head: LoadHead, ms = stuckMs): Promise<LoadedThere> {
  return answered(process, toHost.load, head, ms);
}

/** Reads a declaration in a reader process. Never rejects. A process without an answer after `ms` milliseconds is killed. */
export function readIn(process: HostProcess, head: ReadHead, ms = stuckMs): Promise<LoadedThere> {
  return answered(process, toHost.read, head, ms);
}

async function answered(
  process: HostProcess,
  kind: number,
  head: LoadHead | ReadHead,
  ms: number,
): Promise<LoadedThere> {
  const { promise: loaded, resolve } = Promise.withResolvers<LoadedThere>();
  process.listen({
    onFrame: ({ kind, head: answer }) => {
      if (kind === fromHost.loaded) resolve(readLoaded(answer, head.file));
    },
    onLine: () => {},
  });
  const timer = setTimeout(() => {
    resolve(ended(head.file, `It did not finish loading within ${ms / 1000} s`, "stuck"));
    process.kill();
  }, ms);
  const dead = process.ended.then((how) => ended(head.file, endedBy(how), "ended"));
  process.send(kind, 1, head);
  try {
    return await Promise.race([loaded, dead]);
  } finally {
    clearTimeout(timer);
  }
}

function endedBy(how: string): string {
  return `The file ends its process when it is loaded: it ${how}`;
}

function ended(file: string, message: string, process?: "ended" | "stuck"): LoadedThere {
  const fix = "correct what the file does when it is loaded";
  return { kind: "problem", problem: { file, message, fix }, through: [], asked: [], packages: [], process };
}

// A function controls what its process sends, so nothing in it is trusted.
function readLoaded(head: unknown, file: string): LoadedThere {
  const { declaration, place, schemas, problem, ended: how, ...found } = (head ?? {}) as Record<
    string,
    unknown
  >;
  if (typeof how === "string") return ended(file, endedBy(how));
  const noted = { asked: names(found.asked), packages: names(found.packages) };
  if (isRecord(declaration)) {
    const unpacked = unpack(declaration) as FunctionDeclaration;
    if (isRecord(unpacked.trigger)) {
      return {
        kind: "declaration",
        declaration: unpacked,
        place: readPlace(place),
        schemas: readSchemas(schemas),
        ...noted,
      };
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
    through: names(found.through),
    ...noted,
  };
}

/** A declaration as text: equal for equal declarations. */
export function declaredText({ trigger, options }: FunctionDeclaration): string {
  return JSON.stringify(pack([trigger, options]));
}

// A limit for what a process may report.
const maxNames = 1_000;

function names(value: unknown): string[] {
  return strings(value).slice(0, maxNames);
}

function readPlace(value: unknown): Place {
  const { line, column } = isRecord(value) ? value : {};
  return {
    line: typeof line === "number" ? line : undefined,
    column: typeof column === "number" ? column : undefined,
  };
}
