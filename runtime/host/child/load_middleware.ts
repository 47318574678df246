import { describeError } from "../../core/api/errors.ts";
import type { Middleware, NamedMiddleware } from "../../core/api/middleware.ts";
import type { FileProblem } from "../../core/declared.ts";
import { within } from "../../core/within.ts";
import type { MiddlewareModule } from "../wire/messages.ts";
import { loadBudget } from "./load.ts";

/** The middleware of modules, in their order, or what is wrong with one of them. */
export type LoadedMiddleware =
  | { readonly kind: "middleware"; readonly use: readonly NamedMiddleware[] }
  | { readonly kind: "problem"; readonly problem: FileProblem };

/** Imports the modules that are to surround the function of `file`. Never rejects. Each may take `ms` milliseconds. */
export async function loadMiddleware(
  modules: readonly MiddlewareModule[],
  file: string,
  ms = loadBudget,
): Promise<LoadedMiddleware> {
  const use: NamedMiddleware[] = [];
  const wrong = (name: string, what: string, fix: string): LoadedMiddleware => ({
    kind: "problem",
    problem: { file, message: `The middleware '${name}', which deploy.config.ts names, ${what}`, fix },
  });
  for (const { name, url } of modules) {
    try {
      const module: { default?: unknown } | "late" = await within(ms, import(url));
      if (module === "late") {
        return wrong(
          name,
          `does not finish loading within ${ms / 1000} s`,
          "keep the top of the module quick",
        );
      }
      if (typeof module.default !== "function") {
        const what = "default" in module ? "exports no function as its default" : "has no default export";
        return wrong(name, what, "write there: export default (run, next) => next()");
      }
      use.push({ name, run: module.default as Middleware });
    } catch (error) {
      const told = describeError(error).split("\n", 1)[0]!;
      return wrong(name, `fails to load: ${told}`, "correct the module, or its path in deploy.config.ts");
    }
  }
  return { kind: "middleware", use };
}
