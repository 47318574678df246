import { join } from "node:path";
import type { FileProblem } from "../core/declared.ts";
import { exposure } from "../core/permissions/exposed.ts";
import type { Source } from "./sources.ts";
import type { Tree } from "./tree.ts";

/** A file, and where to place it. */
export interface Placement {
  /** Its path below the folder it is deployed to, with `/` between names. */
  readonly path: string;
  /** Absolute path of the file. */
  readonly from: string;
  /** The file's path as shown to people. */
  readonly shown: string;
}

/** What is placed where, or why it cannot be. */
export interface DeployPlan {
  readonly placements: readonly Placement[];
  readonly problems: readonly FileProblem[];
}

/** Decides what is placed where. `there` is the folder's content; `folder` is its path as shown to people. */
export function planDeploy(sources: readonly Source[], there: Tree, folder: string): DeployPlan {
  const problems = there.get("")?.exposed ? [exposure(folder, "folder")] : [];
  const placements = sources.flatMap((source) => {
    problems.push(...unfit(source));
    return placementsOf(source);
  });
  const byPath = Map.groupBy(placements, ({ path }) => path);
  const folders = new Set(placements.flatMap(({ path }) => parentsOf(path)));
  for (const { path, shown } of placements) {
    const refuse = (message: string, fix: string) => problems.push({ file: shown, message, fix });
    const others = byPath.get(path)!.filter((other) => other.shown !== shown).map((other) => other.shown);
    if (others.length > 0) {
      refuse(`It would be placed at ${folder}/${path}, as would ${others.join(", ")}`, "deploy one of them");
    }
    if (folders.has(path) || there.get(path)?.kind === "folder") {
      refuse(`There is a folder at ${folder}/${path}`, "rename the file, or remove the folder");
    }
    const blocking = parentsOf(path).find((parent) => (there.get(parent)?.kind ?? "folder") !== "folder");
    if (blocking !== undefined) {
      const { kind } = there.get(blocking)!;
      refuse(
        `${folder}/${blocking} is not a folder but a ${kind}`,
        "remove it first, or rename the source's folder",
      );
    }
  }
  return { placements, problems };
}

function placementsOf({ root, tree, shown }: Source): Placement[] {
  return [...tree].filter(([, { kind }]) => kind === "file")
    .map(([path]) => ({ path, from: join(root, path), shown: shown(path) }));
}

function unfit({ tree, shown }: Source): FileProblem[] {
  return [...tree].flatMap(([path, { kind, exposed }]): FileProblem[] => {
    const file = shown(path);
    if (kind === "link") {
      return [{ file, message: "It is a link, and links are not placed", fix: "replace it by a copy" }];
    }
    if (kind === "other") {
      return [{ file, message: "It is neither a file nor a folder", fix: "leave it out" }];
    }
    return exposed ? [exposure(file, kind)] : [];
  });
}

/** `["a", "a/b"]` for `"a/b/c.ts"`. */
function parentsOf(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, i) => names.slice(0, i + 1).join("/"));
}
