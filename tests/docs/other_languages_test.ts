/** Runs the programs of docs/other-languages.md as they are printed there. */

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { startTest } from "hopper/testing";
import { withFolder } from "../support/folder.ts";
import { run } from "../support/process.ts";
import { leaveOut } from "../support/rabbitmq.ts";

const page = await Deno.readTextFile(new URL("../../docs/other-languages.md", import.meta.url));

const printed = "Sent\n42\nNOT_A_NUMBER: Send a number\n";

// Debian's own python3, because another one earlier on the path does not have Debian's packages.
const python = "/usr/bin/python3";
const hasPika = await succeeds(python, ["-c", "import pika"]);
if (!hasPika) leaveOut("pika", "python3-pika");
const hasNode = await succeeds("node", ["--version"]);
if (!hasNode) leaveOut("node", "nodejs");

/** The code blocks in a language. */
function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "gm"))].map(([, code]) => code!);
}

/** The page's functions by their paths in the functions folder. */
function functions(): Record<string, string> {
  return Object.fromEntries(
    blocks("ts").map((code) => [/^\/\/ functions\/(\S+)/.exec(code)![1]!, code]),
  );
}

/** The folder of a package in Deno's cache, where its version follows its name. */
function folderOf(name: string): string {
  const file = createRequire(import.meta.url).resolve(name);
  const [folder] = new RegExp(`^.*/${name}/[^/]+(?=/)`).exec(file)!;
  return folder;
}

async function succeeds(program: string, args: string[]): Promise<boolean> {
  try {
    return (await run(program, args)).code === 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test(
  "The Python program in the docs sends to a function and calls another",
  { ignore: !hasPika },
  async () => {
    await using folder = await withFolder(functions());
    await using hopper = await startTest({ functions: folder.path });
    const { code, stdout, stderr } = await run(python, ["-c", blocks("python")[0]!], {
      env: { AMQP_URL: hopper.url },
    });
    assert.equal(stdout, printed, stderr);
    assert.equal(code, 0);
    await hopper.handled("orders");
  },
);

Deno.test(
  "The Node program in the docs sends to a function and calls another",
  { ignore: !hasNode },
  async () => {
    await using folder = await withFolder(functions());
    await using hopper = await startTest({ functions: folder.path });
    await using programs = await withFolder({ "client.mjs": blocks("js")[0]!, "node_modules/.keep": "" });
    await Deno.symlink(folderOf("amqplib"), programs.at("node_modules/amqplib"));
    const { code, stdout, stderr } = await run("node", [programs.at("client.mjs")], {
      env: { AMQP_URL: hopper.url },
    });
    assert.equal(stdout, printed, stderr);
    assert.equal(code, 0);
    await hopper.handled("orders");
  },
);
