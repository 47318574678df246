import { join, relative, resolve, sep } from "node:path";
import { type Declared, describeProblem, type FileProblem } from "../core/declared.ts";
import { HopperError } from "../core/api/errors.ts";
import type { Connection } from "../core/ports/amqp.ts";
import type { Config } from "../core/api/options.ts";
import { isBelow } from "../core/is_below.ts";
import { placeUses } from "../core/settings/use_paths.ts";
import { readFolder } from "../app/functions_folder.ts";
import { affected, type Graph } from "../discover/code/graph.ts";
import { planFunction } from "../topology/plan.ts";
import { rehearse } from "../topology/rehearse.ts";
import { checkTypes } from "./types.ts";

/** A copy of the functions folder with the new files in it. */
export interface Staged {
  /** Absolute path. */
  readonly path: string;
  /** Absolute path of the folder that it is a copy of. */
  readonly folder: string;
  /** Replaces the copy's path in a text by the folder's, because the copy is gone when the text is read. */
  told(text: string): string;
  /** Absolute paths of the files that are new, or differ from those in the folder. */
  readonly changed: readonly string[];
  /** The imports of its function files and of the changed files. */
  readonly graph: Graph;
}

/** What a check needs besides the files. */
export interface CheckOptions {
  readonly config: Config;
  /** The project's deno.json. */
  readonly project?: string;
  /** Connects to the broker, to ask what it would refuse. */
  connection(): Promise<Connection>;
  readonly signal?: AbortSignal;
}

/** Why a deploy is refused, and what is worth knowing; one readable line each. */
export interface Verdict {
  readonly reasons: readonly string[];
  readonly notices: readonly string[];
}

/**
 * Checks a staged folder: declarations, conflicts, types, and whether the broker would refuse what the functions need.
 * A problem that was there before, in a file that the deploy does not affect, is only a notice.
 */
export async function checkStage(staged: Staged, options: CheckOptions): Promise<Verdict> {
  const { config, project, signal } = options;
  const placed = placeUses(
    config,
    (path) => isBelow(path, staged.folder) ? join(staged.path, relative(staged.folder, path)) : path,
  );
  const { functions, problems, notices } = await readFolder(staged.path, placed);
  const concerned = new Set(affected(staged.graph, staged.changed));
  const broken = new Set(problems.map(({ file }) => resolve(file)));
  const sound = [...concerned].filter((file) => !broken.has(file));
  const types = await checkTypes(sound, { config: project, signal });
  const asked = functions.filter(({ file }) => concerned.has(resolve(file)));
  const broker = await askBroker(asked, () => options.connection());

  const isConcerned = (path: string) =>
    concerned.has(path) || staged.changed.some((file) => file === path || file.startsWith(path + sep));
  const { concerning = [], elsewhere = [] } = Object.groupBy(
    problems,
    ({ file }) => isConcerned(resolve(file)) ? "concerning" : "elsewhere",
  );
  const lines = (problems: readonly FileProblem[]) =>
    problems.map((problem) => staged.told(describeProblem(problem)));
  // A problem in an unaffected file may still be new, such as the other half of a conflict.
  const old = elsewhere.length === 0
    ? []
    : (await readFolder(staged.folder, config)).problems.map(describeProblem);
  return {
    reasons: [
      ...lines(concerning),
      ...lines(elsewhere).filter((line) => !old.includes(line)),
      ...lines(types),
      ...broker.reasons.map(staged.told),
    ],
    notices: [
      ...notices.map(staged.told),
      ...lines(elsewhere).filter((line) => old.includes(line)).map((line) => `As before: ${line}`),
      ...broker.notices,
    ],
  };
}

async function askBroker(
  functions: readonly Declared[],
  connect: () => Promise<Connection>,
): Promise<Verdict> {
  const reasons: string[] = [];
  try {
    for (const declared of functions) {
      const refusal = await rehearse(await connect(), planFunction(declared));
      if (refusal !== undefined) reasons.push(`${declared.file}  ${refusal.message}`);
    }
    return { reasons, notices: [] };
  } catch (error) {
    if (!(error instanceof HopperError)) throw error;
    return {
      reasons,
      notices: [
        `Not checked: whether the broker has such queues and exchanges with other settings: ${error.message}`,
      ],
    };
  }
}
