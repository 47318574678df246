/** A worker that loads one file and reports what it declares. */
import "../../mod.ts";
import { describeError } from "../../core/api/errors.ts";
import { pack } from "../wire/packed.ts";
import { load } from "./load.ts";
import { loadMiddleware } from "./load_middleware.ts";
import { schemasOf } from "./schemas.ts";
import type { ReadHead } from "../wire/messages.ts";
import { lendEnvironment } from "./environment.ts";

// TypeScript checks the whole program with the types of a window, so a worker's own globals are typed here.
const { postMessage, addEventListener } = globalThis as unknown as {
  postMessage(data: unknown): void;
  addEventListener(type: "message", listener: (event: MessageEvent<ReadHead>) => void): void;
};

addEventListener("message", ({ data }) => void declare(data));

async function declare({ entry, file, use, values, packages }: ReadHead): Promise<void> {
  const environment = lendEnvironment(values);
  // Between a package and what it needs lie a dozen frames of Node's loader.
  Error.stackTraceLimit = 50;
  // In a worker `Deno.exit` would not end anything at once. In the function's process it would end the process.
  Deno.exit = (code = 0) => {
    postMessage({ ended: `exited with code ${code}` });
    throw new Error("It has ended");
  };
  // Nobody can answer a prompt here, as in a process without a terminal.
  Object.assign(globalThis, { prompt: () => null, confirm: () => false, alert: () => {} });
  const asked = () => ({ asked: environment.asked });
  try {
    const result = await load(entry, file);
    const resolved = packages.map((name) => resolve(name));
    if (result.kind === "problem") {
      const { problem, through } = result;
      return postMessage({ problem, through, packages: resolved, ...asked() });
    }
    const around = await loadMiddleware(use, file);
    if (around.kind === "problem") {
      return postMessage({ problem: around.problem, packages: resolved, ...asked() });
    }
    const { declaration, place } = result;
    const schemas = schemasOf(declaration);
    postMessage({ declaration: pack({ ...declaration }), place, schemas, packages: resolved, ...asked() });
  } catch (error) {
    // A file may export anything, even an object that throws when it is read.
    const message = `The default export cannot be read: ${describeError(error)}`;
    postMessage({
      problem: { file, message, fix: 'write: export default queue("name", handler)' },
      ...asked(),
    });
  }
}

/** The place of a package, as `file:///…`; its name if it cannot be found. */
function resolve(name: string): string {
  try {
    return import.meta.resolve(name);
  } catch {
    return name;
  }
}
