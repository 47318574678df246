import { ArgumentError } from "../core/api/errors.ts";
import type { Inspection } from "../core/ports/inspection.ts";
import { didYouMean } from "../core/text/suggest.ts";
import type { Catalog } from "../discover/catalog.ts";
import { cannotInspect } from "../host/hosts.ts";

/** Throws an `ArgumentError` if the function to inspect is not there, or has no process. A broken file may still be mended. */
export function checkInspected(inspection: Inspection, { files, functions }: Catalog): void {
  const { function: name } = inspection;
  if (!files.includes(name)) {
    const near = didYouMean(name, files) || ".";
    const served = files.length === 0 ? "None is served" : `Served are: ${shownNames(files)}`;
    throw new ArgumentError(`No function '${name}' to inspect${near} ${served}`);
  }
  const declared = functions.find((one) => one.name === name);
  if (declared?.code.kind === "inline") throw new ArgumentError(cannotInspect(name));
}

const maxNames = 20;

function shownNames(names: readonly string[]): string {
  const more = names.length - maxNames;
  return names.slice(0, maxNames).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
