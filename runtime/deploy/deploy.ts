import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { describeProblem } from "../core/declared.ts";
import { HopperError } from "../core/api/errors.ts";
import { shownPath } from "../core/text/shown_path.ts";
import { readGraph } from "../discover/code/graph.ts";
import { functionFiles } from "../discover/function_files.ts";
import { isCode } from "../discover/folder/names.ts";
import { diff, look, type Snapshot } from "../discover/folder/snapshot.ts";
import { type CheckOptions, checkStage } from "./check.ts";
import { placingOrder } from "./order.ts";
import { planDeploy } from "./plan.ts";
import { readSources } from "./sources.ts";
import { openStage, placeFiles } from "./stage.ts";
import { readTree } from "./tree.ts";

/** What to deploy, and where. */
export interface DeployOptions extends CheckOptions {
  /** Files and folders, as the user wrote them. */
  readonly named: readonly string[];
  /** Absolute path of the folder to deploy to. */
  readonly folder: string;
  /** Whether only to check, and place nothing. */
  readonly dryRun: boolean;
}

/** What happens to a file. */
export interface FileOutcome {
  /** Its path below the folder. */
  readonly path: string;
  readonly state: "new" | "replaced" | "unchanged";
}

/** The result of a deploy. */
export interface Outcome {
  /** In the order in which they are placed; unchanged files are last. */
  readonly files: readonly FileOutcome[];
  /** Why nothing was placed, one line each; empty if the deploy was not refused. */
  readonly reasons: readonly string[];
  /** What is worth knowing, one line each. */
  readonly notices: readonly string[];
}

/** Checks files in a copy of the folder, and places them if all checks pass. Rejects if the checks cannot be done. */
export async function deploy(options: DeployOptions): Promise<Outcome> {
  const { named, folder, project, signal, dryRun } = options;
  const [there, before] = await Promise.all([readTree(folder), look({ folder, files: [], content: "all" })]);
  const { sources, problems } = await readSources(named, folder);
  const plan = planDeploy(sources, there, shownPath(folder));
  const unfit = [...problems, ...plan.problems];
  if (unfit.length > 0) return { files: [], reasons: unfit.map(describeProblem), notices: [] };

  await using stage = await openStage(folder, there, plan.placements);
  const below = (path: string) => relative(stage.path, path);
  const staged = await look({ folder: stage.path, files: [], content: "all" });
  const changed = plan.placements.map(({ path }) => join(stage.path, path))
    .filter((path) => before.files.get(join(folder, below(path)))?.hash !== staged.files.get(path)?.hash);
  const functions = functionFiles(staged).files.map(({ path }) => path);
  const looked = [...new Set([...functions, ...changed.filter(isCode)])];
  const graph = await readGraph(looked, { config: project, signal });

  const told = inTermsOf(folder, stage.path);
  const verdict = await checkStage({ path: stage.path, folder, told, changed, graph }, options);
  const order = placingOrder(changed, new Set(functions), graph).map(below);
  signal?.throwIfAborted();
  if (verdict.reasons.length === 0 && !dryRun) {
    await refuseIfChanged(folder, before);
    await placeFiles(stage.path, folder, order);
  }
  const paths = plan.placements.map(({ path }) => path);
  return { files: outcomesOf(paths, order, (path) => before.files.has(join(folder, path))), ...verdict };
}

function outcomesOf(
  paths: readonly string[],
  placed: readonly string[],
  isThere: (path: string) => boolean,
): FileOutcome[] {
  const unchanged = [...new Set(paths).difference(new Set(placed))].sort();
  return [
    ...placed.map((path): FileOutcome => ({ path, state: isThere(path) ? "replaced" : "new" })),
    ...unchanged.map((path): FileOutcome => ({ path, state: "unchanged" })),
  ];
}

// The checks were about the folder as it was then.
async function refuseIfChanged(folder: string, before: Snapshot): Promise<void> {
  const changed = diff(before, await look({ folder, files: [], content: "all" }, before)).map(shownPath);
  if (changed.length === 0) return;
  throw new HopperError(
    "CHANGED",
    `Nothing was placed: ${changed.join(", ")} changed meanwhile; deploy again`,
  );
}

function inTermsOf(folder: string, stage: string): (text: string) => string {
  const forms = [pathToFileURL(stage).href, stage, shownPath(stage)];
  return (text) => forms.reduce((told, form) => told.replaceAll(form, shownPath(folder)), text);
}
