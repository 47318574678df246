/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The values that a function takes and gives, as JSON Schemas. */
export interface Schemas {
  /** What its `input` schema takes. Missing if there is none, or its library makes no JSON Schema of it. */
  readonly input?: JsonSchema;
  /** What its `output` schema gives. Missing for the same reasons. */
  readonly output?: JsonSchema;
  /** The schemas that are left out because they are larger than {@linkcode maxSchema}. */
  readonly tooLarge?: readonly ("input" | "output")[];
}

/** What a function's file says of it to people, forms and tools. It decides nothing about how the function runs. */
export interface Contract extends Schemas {
  /** The docstring above the default export, without its tags. */
  readonly description?: string;
}

/** The most characters of one JSON Schema. */
export const maxSchema = 64 * 1024;

// Enough for a page of text.
const maxDescription = 4_000;

/**
 * The text of the docstring above a file's default export, up to its first tag.
 *
 * @example
 * ```ts ignore
 * descriptionIn('/** Adds two numbers. *\/\nexport default rpc("add", …);'); // "Adds two numbers."
 * ```
 */
export function descriptionIn(source: string): string | undefined {
  const exported = /^export\s+default\b/m.exec(source);
  if (exported === null) return undefined;
  const above = withoutLineComments(source.slice(0, exported.index));
  if (!above.endsWith("*/")) return undefined;
  const start = above.lastIndexOf("/**");
  const text = above.slice(start + 3, -2);
  // A comment that ends earlier is another one, and this is no docstring.
  if (start < 0 || text.includes("*/")) return undefined;
  const said = text.split("\n").map((line) => line.replace(/^\s*\*? ?/, "").trimEnd()).join("\n")
    .split(/^@\w/m, 1)[0]!
    .replace(/\{@link(?:code|plain)?\s+([^}\s|]+)[^}]*\}/g, "$1")
    .trim();
  if (said === "") return undefined;
  return said.length > maxDescription ? `${said.slice(0, maxDescription - 1)}…` : said;
}

/** The text without comments to the end of a line, and space, at its end. */
function withoutLineComments(text: string): string {
  const lines = text.trimEnd().split("\n");
  while (/^\s*(?:\/\/.*)?$/.test(lines.at(-1) ?? "x")) lines.pop();
  return lines.join("\n").trimEnd();
}
