// Control characters, line ends, characters that change the direction of text, and half surrogate pairs.
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}\p{Cs}]/gu;
const unprintableInLines = /[^\P{Cc}\n]|[\p{Zl}\p{Zp}\p{Bidi_C}\p{Cs}]/gu;
// JSON itself escapes the control characters up to U+001F and half surrogate pairs.
const leftByJson = /[\x7f-\x9f\p{Zl}\p{Zp}\p{Bidi_C}]/gu;

// Most text has no other characters than these, which are all printable. A test without properties takes a fifth of the time.
const unusual = /[^\x20-\x7e\u00a1-\u05ff\u2010-\u2027\u2190-\ud7ff]/;

/** Text as one line that cannot control a terminal: special characters are escaped, as in `\x1b[31m` or `\u202e`. */
export function printable(text: string): string {
  return unusual.test(text) ? text.replace(unprintable, escaped) : text;
}

/** The same for text of several lines. */
export function printableLines(text: string): string {
  return text.replace(unprintableInLines, escaped);
}

/** The same for JSON, which stays valid and keeps its value. */
export function printableJson(json: string): string {
  return unusual.test(json) ? json.replace(leftByJson, (char) => `\\u${hex(char, 4)}`) : json;
}

function escaped(char: string): string {
  return char < "\u0100" ? `\\x${hex(char, 2)}` : `\\u${hex(char, 4)}`;
}

function hex(char: string, digits: number): string {
  return char.charCodeAt(0).toString(16).padStart(digits, "0");
}
