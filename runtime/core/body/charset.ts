const utf8 = "utf-8";

// TextDecoder reads these two as Windows-1252. Senders who write them here send plain ASCII, or UTF-8.
const ascii = ["us-ascii", "ascii"];

/** The charset in a content type, in lower case: `latin1` for `text/plain; charset="Latin1"`. */
export function charsetIn(contentType: string | undefined): string | undefined {
  const named = contentType === undefined ? null : /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType);
  return named === null ? undefined : named[1]!.toLowerCase();
}

/** Whether text in this charset is read as UTF-8. Without a charset it is. */
export function isUtf8(charset: string | undefined): boolean {
  if (charset === undefined || charset === utf8 || ascii.includes(charset)) return true;
  return decoderFor(charset)?.encoding === utf8;
}

/** A decoder for this charset that refuses invalid bytes; `undefined` if the charset is not known. */
export function decoderFor(charset: string): TextDecoder | undefined {
  // Python writes `latin-1` and `utf_8`; TextDecoder knows them as `latin1` and `utf8`.
  return named(charset) ?? named(charset.replaceAll(/[-_]/g, ""));
}

/** Decodes text in this charset, or says why it cannot be read. */
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
