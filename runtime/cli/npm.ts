#!/usr/bin/env node
/**
 * The command of the package for npm. Under Node it starts Deno, which is a package that this one depends on; under Deno
 * it is the command line itself. Either way deploy.config.ts is loaded with the deno.json of the project.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { nearestConfig } from "../core/nearest_config.ts";
import { ownConfig, ownPrograms } from "../core/own_files.ts";
import { watchNpmAbove } from "./npm_above.ts";
import { startedAs, startWithNode } from "./started_as.ts";
import { version } from "./version.ts";

/** Runs the command line in a process of Deno's, and ends as it does. */
function startDeno(deno: string, config: string, start: string): void {
  const args = ["run", "-A", "--quiet", "--config", config, fileURLToPath(ownPrograms.command)];
  const child = spawn(deno, [...args, ...process.argv.slice(2)], {
    // By the last one the child notices that this process is gone, as after a SIGKILL.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, [startedAs]: start },
    // A terminal's Ctrl-C comes here alone, and is passed on once.
    detached: true,
  });
  const unwatch = watchNpmAbove(() => child.kill("SIGTERM"));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`Deno cannot be started: ${error.message}`));
  child.on("exit", (code, signal) => {
    unwatch();
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function fail(message: string): never {
  console.error(`hopper: ${message}`);
  process.exit(1);
}

/** Deno's program in the package `deno`, which puts it there when it is asked for the first time. */
function denoOfNpm(): string {
  try {
    return createRequire(import.meta.url)("deno/install_api.cjs").runInstall();
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n", 1)[0] : error;
    return fail(`Deno, which runs functions, is not there: ${why}; install it with: npm install deno`);
  }
}

// Import maps count for what is no package, and so not for this file.
const resolver = "data:text/javascript,export default (name) => import.meta.resolve(name)";

/** Whether imports are found as the project's deno.json says: not where Deno was told to use none. */
async function isProjectLoaded(): Promise<boolean> {
  const { default: resolve } = await import(resolver);
  try {
    return resolve("hopper") !== "";
  } catch {
    return false;
  }
}

const cwd = process.cwd();
const project = nearestConfig(cwd);
const config = project ?? fileURLToPath(ownConfig);
// What is known here takes no other program.
if (/^(?:-V|--version)$/.test(process.argv.slice(2).join(" "))) console.log(version);
else if (!("Deno" in globalThis)) startDeno(denoOfNpm(), config, startWithNode(cwd));
else if (project !== undefined && process.env[startedAs] === undefined && !await isProjectLoaded()) {
  // As `deno install -g` has it.
  startDeno(process.execPath, config, "hopper");
} else {
  const { main } = await import("./main.ts");
  Deno.exit(await main(Deno.args));
}
