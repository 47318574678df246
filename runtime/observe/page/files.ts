import { ownLibraries, ownPage } from "../../core/own_files.ts";

/** The page's own files, below `/page/` and in this folder; there are no others to be had. */
export const ownPageFiles: readonly string[] = [
  "app.js",
  "icon.svg",
  "main.js",
  "page.css",
  "parts.css",
  "parts/action.js",
  "parts/badge.js",
  "parts/chart.js",
  "parts/commands.js",
  "parts/copy.js",
  "parts/dialog.js",
  "parts/form.js",
  "parts/format.js",
  "parts/is_json.js",
  "parts/list.js",
  "parts/notice.js",
  "parts/payload.js",
  "parts/run_cells.js",
  "parts/schema.js",
  "parts/spark.js",
  "parts/text.js",
  "parts/visible.js",
  "state/api.js",
  "state/keys.js",
  "state/link.js",
  "state/live_runs.js",
  "state/poll.js",
  "state/route.js",
  "state/run_list.js",
  "state/stored_theme.js",
  "state/theme.js",
  "views.css",
  "views/attempts.js",
  "views/dead.js",
  "views/dead_letters.js",
  "views/edit_and_replay.js",
  "views/function.js",
  "views/functions.js",
  "views/help.js",
  "views/invoke.js",
  "views/queues.js",
  "views/run.js",
  "views/run_filters.js",
  "views/runs.js",
  "views/settings.js",
  "views/topology.js",
  "views/topology_layout.js",
];

/** Where the file is that `/` or an address below `/page/` shows; `undefined` if there is none. */
export function pageFile(address: string): URL | undefined {
  if (address === "/") return new URL("index.html", ownPage);
  const name = address.startsWith("/page/") ? address.slice("/page/".length) : "";
  if (Object.hasOwn(ownLibraries, name)) return ownLibraries[name as keyof typeof ownLibraries]();
  return ownPageFiles.includes(name) ? new URL(name, ownPage) : undefined;
}
