/** A function that imports all that a project may have: by aliases and bare names, JSON and text. */

import { dirname, join } from "node:path";

const files = {
  "functions/kinds.ts": `import { rpc } from "hopper";
import { twice } from "@/lib/twice.ts";
import { half } from "half";
import data from "../lib/data.json" with { type: "json" };
import text from "../lib/note.txt" with { type: "text" };
import leftPad from "left-pad";

export default rpc("kinds", (n: number) => [twice(n), half(n), data.is, text, leftPad(n, 3)]);
`,
  "lib/twice.ts": "export const twice = (n: number) => 2 * n;\n",
  "lib/half.ts": "export const half = (n: number) => n / 2;\n",
  "lib/data.json": '{ "is": "data" }\n',
  "lib/note.txt": "a note",
};

/** What it replies to 4. */
export const everyReply = '[8,2,"data","a note","  4"]\n';

/** Adds it to a project, whose deno.json is told of the names first. */
export async function addEveryImport(project: string): Promise<void> {
  const config = join(project, "deno.json");
  const said = JSON.parse(await Deno.readTextFile(config));
  const imports = { ...said.imports, "@/": "./", half: "./lib/half.ts", "left-pad": "npm:left-pad@1.3.0" };
  await Deno.writeTextFile(config, JSON.stringify({ ...said, imports }));
  for (const [path, text] of Object.entries(files).reverse()) {
    await Deno.mkdir(dirname(join(project, path)), { recursive: true });
    await Deno.writeTextFile(join(project, path), text);
  }
}
