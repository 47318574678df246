/** A place in a file, counted from 1. */
export interface Place {
  readonly line?: number;
  readonly column?: number;
}

/** The line and column of the first `file:///functions/a.ts:3:12` in a stack or message, for the file `url`. */
export function placeIn(text: string, url: string): Place {
  // Deno escapes URLs in errors of its parser, but not in stacks.
  for (const form of [url, decodeURIComponent(url)]) {
    const start = text.indexOf(`${form}:`);
    const [, line, column] = start < 0
      ? []
      : /^:(\d+)(?::(\d+))?/.exec(text.slice(start + form.length)) ?? [];
    if (line !== undefined) {
      return { line: Number(line), column: column === undefined ? undefined : Number(column) };
    }
  }
  return {};
}

/** The files of a stack, as URLs, innermost first. */
export function filesIn(text: string): string[] {
  return [
    ...new Set([...text.matchAll(/ at (?:.*?\()?(file:\/\/[^()\n]+?):\d+:\d+/g)].map(([, url]) => url!)),
  ];
}

/** The first frame of a file other than `own`, such as `/functions/_prices.ts:2:5`. `async` frames do not count. */
export function frameIn(text: string, own: string): string | undefined {
  for (const [, url, place] of text.matchAll(/ at (?!async )(?:.*?\()?(file:\/\/[^()\n]+?)(:\d+:\d+)/g)) {
    if (url !== own) return url!.slice("file://".length) + place;
  }
}

/** Where an option is written: the first place after the declaration's line where its name is a key. */
export function placeOfKey(source: string, key: string, from: Place): Place {
  const lines = source.split("\n");
  const name = RegExp.escape(key);
  const asKey = new RegExp(`(["'])${name}\\1\\s*:|(?<![\\w$."'])${name}\\s*[:,}]`);
  for (let i = (from.line ?? 1) - 1; i < lines.length; i++) {
    const column = lines[i]!.search(asKey);
    if (column >= 0) return { line: i + 1, column: column + 1 };
  }
  return from;
}
