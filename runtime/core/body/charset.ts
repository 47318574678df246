const utf8 = "utf-8";

// Standards of the Web read these two as Windows-1252; whoever writes them here writes no byte beyond ASCII, or UTF-8.
const ascii = ["us-ascii", "ascii"];

/** The charset that a content type names, in lower case: `latin1` of `text/plain; charset="Latin1"`. */
export function charsetIn(contentType: string | undefined): string | undefined {
  const named = contentType === undefined ? null : /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType);
  return named === null ? undefined : named[1]!.toLowerCase();
}

/** Whether text in this charset is read as UTF-8; none is. */
export function isUtf8(charset: string | undefined): boolean {
  if (charset === undefined || charset === utf8 || ascii.includes(charset)) return true;
  return decoderFor(charset)?.encoding === utf8;
}

/** What reads text in this charset and refuses bytes that are none; nothing for one that nobody knows. */
export function decoderFor(charset: string): TextDecoder | undefined {
  // Python writes `latin-1` and `utf_8`, which the Web's standard knows by their other names.
  return named(charset) ?? named(charset.replaceAll(/[-_]/g, ""));
}

/** Text in this charset, or why it cannot be read. */
export function decodeCharset(
  body: Uint8Array,
  charset: string,
): { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: string } {
  const isBigEndian = charset === "utf-16" && body[0] === 0xfe && body[1] === 0xff;
  const decoder = decoderFor(isBigEndian ? "utf-16be" : charset);
  if (decoder === undefined) return { ok: false, reason: `The body's charset '${charset}' is not known` };
  try {
    return { ok: true, value: decoder.decode(body) };
  } catch {
    return { ok: false, reason: `The body is not text in ${charset}` };
  }
}

function named(charset: string): TextDecoder | undefined {
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    return undefined;
  }
}
