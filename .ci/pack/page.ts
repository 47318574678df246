import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ownPage } from "../../runtime/core/own_files.ts";
import * as esbuild from "esbuild";
import { ownPageFiles } from "../../runtime/observe/page/files.ts";

/** The libraries of the page, by their addresses in it: where each is in `node_modules/`. */
const libraries: Readonly<Record<string, string>> = {
  "lib/preact.js": "htm/preact/standalone.module.js",
  "lib/uplot.js": "uplot/dist/uPlot.esm.js",
  "lib/uplot.css": "uplot/dist/uPlot.min.css",
};

/** The npm packages that the page brings along. */
export const pagePackages = ["htm", "uplot"] as const;

/** Copies the page's files, which browsers load as they are, and its libraries, made as small as they can be. */
export async function copyPage(folder: string, modules: string): Promise<void> {
  const place = async (name: string, text: string) => {
    await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
    await Deno.writeTextFile(join(folder, name), text);
  };
  for (const name of ["index.html", ...ownPageFiles]) {
    await place(name, await Deno.readTextFile(fileURLToPath(new URL(name, ownPage))));
  }
  for (const [name, path] of Object.entries(libraries)) {
    const loader = name.endsWith(".css") ? "css" : "js";
    const library = await Deno.readTextFile(join(modules, path));
    await place(name, (await esbuild.transform(library, { loader, minify: true })).code);
  }
  await esbuild.stop();
}

/** htm's file contains Preact, which is no package of its own here. */
export const preactLicence = `preact, as part of htm

The MIT License (MIT)

Copyright (c) 2015-present Jason Miller

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;
