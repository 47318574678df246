import { type LoadFnOutput, registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import type { LoadHead } from "../wire/messages.ts";

/** What a file may be imported as, by its import attribute. */
const asSource: Record<string, (text: string) => { format: "module" | "json"; source: string }> = {
  json: (source) => ({ format: "json", source }),
  // Deno makes a module of it.
  text: (source) => ({ format: "module", source }),
};

/** An import by its path, and not by a package's name. */
const isPath = /^(?:\.{0,2}\/|file:)/;

/**
 * Gives a function its code from memory: the texts that came with it, and nothing from the disk, which its process
 * may not read. Which of them a file imports is remembered, and which packages.
 */
export class CodeLoader {
  readonly #files = new Map<string, string>();
  readonly #imports = new Map<string, Set<string>>();
  readonly #packages = new Map<string, Set<string>>();
  readonly #own: string;
  #folder = "";
  #givesTexts = false;

  /** `own` is the folder of Hopper's modules, which any file may import. */
  constructor(own: string) {
    this.#own = own;
    registerHooks({
      resolve: (specifier, context, next) => {
        const { parentURL, importAttributes } = context;
        if (parentURL === undefined || !this.#files.has(parentURL)) return next(specifier, context);
        if (!isPath.test(specifier)) refuseUnknown(specifier, parentURL);
        const resolved = next(specifier, context);
        const { url } = resolved;
        if (this.#files.has(url)) note(this.#imports, parentURL, url);
        else if (isPath.test(specifier)) this.#refuseUnreadable(url);
        else if (importAttributes?.type === undefined && this.#isPackage(url)) {
          note(this.#packages, parentURL, url);
        }
        return resolved;
      },
    });
  }

  /** Adds texts, by the URL they are imported by, and loads the packages that they will ask for. */
  async add({ folder, files, packages }: Pick<LoadHead, "folder" | "files" | "packages">): Promise<void> {
    this.#folder = folder;
    for (const [url, text] of Object.entries(files)) this.#files.set(url, text);
    if (this.#givesTexts) return;
    // Once a hook gives texts, Deno compiles whatever is imported and keeps nothing of it; packages that are loaded
    // before come compiled from its cache. Whoever imports one that fails is told so then.
    await Promise.allSettled(packages.map((url) => import(url)));
    this.#giveTexts();
    this.#givesTexts = true;
  }

  /**
   * The file and every other that it imports, by whatever way, as far as they came as texts; and the URLs of their
   * packages, of those that are `named` as well, which stay as they are where nobody knows them.
   */
  reachedFrom(entry: string, named: readonly string[]): { loaded: string[]; packages: string[] } {
    const found = new Set([entry]);
    // A set that grows while it is walked is walked to its end.
    for (const url of found) {
      for (const target of this.#imports.get(url) ?? []) found.add(target);
    }
    const loaded = [...found];
    const imported = loaded.flatMap((url) => [...this.#packages.get(url) ?? []]);
    const packages = new Set([...imported, ...named.flatMap((name) => resolved(name) ?? [])]);
    return { loaded, packages: [...packages] };
  }

  #giveTexts(): void {
    registerHooks({
      load: (url, context, next) => {
        const text = this.#files.get(url);
        if (text === undefined) return withFormat(url, next(url, context));
        const type = context.importAttributes?.type;
        return { ...(asSource[type ?? ""]?.(text) ?? asModule(url, text)), shortCircuit: true };
      },
    });
  }

  #isPackage(url: string): boolean {
    return url.startsWith("file:") && !fileURLToPath(url).startsWith(this.#own);
  }

  #refuseUnreadable(url: string): void {
    const path = fileURLToPath(url);
    if (path.startsWith(this.#own)) return;
    if (Deno.permissions.querySync({ name: "read", path }).state === "granted") return;
    throw nameless(
      url.startsWith(this.#folder)
        ? `Module not found "${path}"`
        : `Import "${path}" lies outside of the functions folder, and the function may not read it; ` +
          `move it into a folder there whose name begins with _, as functions/_lib/`,
    );
  }
}

function note(imports: Map<string, Set<string>>, from: string, to: string): void {
  const noted = imports.get(from);
  if (noted) noted.add(to);
  else imports.set(from, new Set([to]));
}

/** Throws for what is neither a package that deno.json names nor Deno's own. */
function refuseUnknown(specifier: string, parentURL: string): void {
  if (specifier.startsWith("hopper/")) {
    throw nameless(`Import "${specifier}" is for other programs; handlers have ctx.send, publish and call`);
  }
  if (/^https?:/.test(specifier)) {
    throw nameless(`Import "${specifier}" lies elsewhere, and functions fetch no code`);
  }
  const url = resolved(specifier);
  if (url === undefined || url === URL.parse(specifier, parentURL)?.href && !URL.canParse(specifier)) {
    throw nameless(`Import "${specifier}" is no package that deno.json names`);
  }
}

function resolved(specifier: string): string | undefined {
  try {
    return import.meta.resolve(specifier);
  } catch {
    return undefined;
  }
}

// Deno takes what a package of CommonJS requires for JavaScript, whatever it is.
function withFormat(url: string, loaded: LoadFnOutput): LoadFnOutput {
  return url.endsWith(".json") && loaded.format === undefined && typeof loaded.source === "string"
    ? { ...loaded, format: "json" }
    : loaded;
}

// Deno makes a TypeError of it, and puts its name before the message.
function nameless(message: string): Error {
  return Object.assign(new Error(message), { name: "" });
}

function asModule(url: string, text: string): { format: "module"; source: string } {
  return { format: "module", source: /\.m?ts$/.test(url) ? withoutTypes(url, text) : text };
}

// Types become spaces, so that every line and column stays; what is more than a type, such as an enum, is rewritten.
function withoutTypes(url: string, text: string): string {
  try {
    return stripTypeScriptTypes(text);
  } catch {
    return rewritten(url, text);
  }
}

const nameOfSource = "file:///stripTypeScriptTypes.ts";

function rewritten(url: string, text: string): string {
  try {
    return renamed(stripTypeScriptTypes(text, { mode: "transform", sourceMap: true, sourceUrl: url }), url);
  } catch (error) {
    // Deno puts an error's name before its message.
    throw new SyntaxError(
      (error as Error).message.replace("SyntaxError: ", "").replaceAll(nameOfSource, url),
    );
  }
}

const sourceMap = /(?<=\n\/\/# sourceMappingURL=data:application\/json;base64,)\S+\s*$/;

// The map names a source that is none, and the stacks of errors would name it too.
function renamed(code: string, url: string): string {
  return code.replace(sourceMap, (map) => {
    const text = new TextDecoder().decode(Uint8Array.fromBase64(map));
    return new TextEncoder().encode(text.replace(nameOfSource, url)).toBase64();
  });
}
