/** Folders of files that declare queues, and the results of reading them. */
import type { Catalog } from "../../../runtime/discover/catalog.ts";

/** A file that runs some code and then declares the queue `name`. */
export const declares = (name: string, does = ""): string =>
  `import { queue } from "hopper";\n${does}\nexport default queue("${name}", () => {});`;

/** The files as a functions folder. */
export const inFolder = (files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`functions/${name}`, text]));

/** The result for each function: the queue's name, the problem, or "pending". */
export function told({ functions, problems, pending }: Catalog): Record<string, string> {
  return Object.fromEntries([
    ...functions.map(({ name, trigger }) => [name, (trigger as { queue: string }).queue]),
    ...problems.map(({ file, message }) => [/([^/]*)\.\w+$/.exec(file)![1]!, message]),
    ...pending.map((name) => [name, "pending"]),
  ]);
}
