/** A place in a file, counted from 1. */
export interface Place {
  readonly line?: number;
  readonly column?: number;
}

/** The first frame of `url` in a stack or message, such as `file:///functions/a.ts:3:12`. */
export function placeIn(text: string, url: string): Place {
  const start = text.indexOf(`${url}:`);
  const [, line, column] = start < 0 ? [] : /^:(\d+)(?::(\d+))?/.exec(text.slice(start + url.length)) ?? [];
  return line === undefined
    ? {}
    : { line: Number(line), column: column === undefined ? undefined : Number(column) };
}

/** Where an option is written: the first time its name stands as a key at or after the declaration's line. */
export function placeOfKey(source: string, key: string, from: Place): Place {
  const lines = source.split("\n");
  const asKey = new RegExp(`(?<![\\w$])["']?${key.replace(/[^\w$]/g, "\\$&")}["']?\\s*[:,}]`);
  for (let i = (from.line ?? 1) - 1; i < lines.length; i++) {
    const column = lines[i]!.search(asKey);
    if (column >= 0) return { line: i + 1, column: column + 1 };
  }
  return from;
}
