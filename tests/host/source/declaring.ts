/** Folders of files that declare queues, and what came of reading them. */
import type { Catalog } from "../../../runtime/discover/catalog.ts";

/** A file that declares the queue `name`, and does something before. */
export const declares = (name: string, does = ""): string =>
  `import { queue } from "hopper";\n${does}\nexport default queue("${name}", () => {});`;

/** The files as a folder of functions. */
export const inFolder = (files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`functions/${name}`, text]));

/** What was read, by function: the queue's name, what is wrong, or that it is pending. */
export function told({ functions, problems, pending }: Catalog): Record<string, string> {
  return Object.fromEntries([
    ...functions.map(({ name, trigger }) => [name, (trigger as { queue: string }).queue]),
    ...problems.map(({ file, message }) => [/([^/]*)\.\w+$/.exec(file)![1]!, message]),
    ...pending.map((name) => [name, "pending"]),
  ]);
}
