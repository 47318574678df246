/** The page of the package, without the repository's files and npm's. */

import assert from "node:assert/strict";
import { packed } from "../support/machine.ts";
import { freePort } from "../support/ports.ts";
import { start } from "../support/process.ts";

Deno.test("The package serves the page with all of its files and libraries", async () => {
  await using made = await packed();
  const folder = `${made.folder}/shop`;
  await Deno.mkdir(`${folder}/functions`, { recursive: true });
  const port = freePort();
  await using runtime = start(Deno.execPath(), [
    "run",
    "-A",
    "--cached-only",
    "--config",
    `${made.folder}/deno.json`,
    `${made.folder}/dist/cli.js`,
    "run",
    "--admin",
    `127.0.0.1:${port}`,
    "--embedded-port",
    `${freePort()}`,
  ], { cwd: folder, env: { NO_COLOR: "1" } });
  await runtime.line("ready in");

  // What each file imports is followed, as a browser does.
  const asked = new Set(["/"]);
  for (const address of asked) {
    const url = new URL(address, `http://127.0.0.1:${port}`);
    const response = await fetch(url);
    const text = await response.text();
    assert.equal(response.status, 200, address);
    const named = address === "/"
      ? [...text.matchAll(/(?:src|href)="(\/page\/[^"]+)"/g)]
      : [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom "(\.[^"]+)"/gm)];
    for (const [, path] of named) asked.add(new URL(path!, url).pathname);
  }
  assert.ok(asked.size > 40, `${asked.size} files`);
  for (const name of ["lib/preact.js", "lib/uplot.js", "lib/uplot.css", "views/runs.js"]) {
    assert.ok(asked.has(`/page/${name}`), name);
  }
  const licences = await Deno.readTextFile(`${made.folder}/LICENSES.txt`);
  for (const name of ["htm", "uplot", "preact"]) assert.match(licences, new RegExp(`^${name}\\b`, "m"));
});
