import { pathToFileURL } from "node:url";
import { shownPath } from "../../core/text/shown_path.ts";
import type { Version } from "../../core/version.ts";
import type { MiddlewareModule } from "../wire/messages.ts";

/** The modules around a version's function. `paths` are where they are loaded from, if that is not where they lie. */
export function modulesOf({ uses = [] }: Version, paths: readonly string[] = uses): MiddlewareModule[] {
  return uses.map((path, i) => ({ name: shownPath(path), url: pathToFileURL(paths[i]!).href }));
}
