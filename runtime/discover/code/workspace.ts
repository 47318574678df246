import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { readDenoJson } from "../../core/deno_json.ts";
import { isRecord, strings } from "../../core/values.ts";
import { configIn, nearestConfig } from "../../core/nearest_config.ts";

/** A workspace of Deno's: several folders with a deno.json each, which import one another. */
export interface Workspace {
  /** The folder that all of it lies below. */
  readonly root: string;
  /** The deno.json of the root, and those of its members. */
  readonly configs: readonly string[];
}

/** The workspace that a deno.json is of: its own, or that of one above it. Deno refuses one that is not among the members. */
export function workspaceOf(config: string): Workspace | undefined {
  for (let at: string | undefined = config; at !== undefined; at = nearestConfig(dirname(dirname(at)))) {
    const root = dirname(at);
    const members = membersIn(at).flatMap((member) => foldersOf(root, member));
    const configs = members.map(configIn).filter((path) => path !== undefined);
    if (members.length > 0 && (at === config || configs.includes(config))) {
      return { root, configs: [at, ...configs] };
    }
    if (root === dirname(root)) return undefined;
  }
}

function membersIn(config: string): readonly string[] {
  const { workspace } = readDenoJson(config);
  return strings(isRecord(workspace) ? workspace.members : workspace);
}

function foldersOf(root: string, member: string): string[] {
  const parts = member.split("/").filter((part) => part !== "." && part !== "");
  return parts.reduce<string[]>(
    (folders, part) => folders.flatMap((folder) => part === "*" ? below(folder) : [join(folder, part)]),
    [root],
  );
}

function below(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
      .map(({ name }) => join(folder, name));
  } catch {
    return [];
  }
}
