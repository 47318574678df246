// Commands to a terminal, ends of lines, what turns around the text beside it, and halves of characters.
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}\p{Cs}]/gu;
const unprintableInLines = /[^\P{Cc}\n]|[\p{Zl}\p{Zp}\p{Bidi_C}\p{Cs}]/gu;
// The control characters up to U+001F and halves of characters JSON escapes itself.
const leftByJson = /[\x7f-\x9f\p{Zl}\p{Zp}\p{Bidi_C}]/gu;

/** A text as one line that says what it says and commands no terminal: `\x1b[31m`, `\u202e`. */
export function printable(text: string): string {
  return text.replace(unprintable, escaped);
}

/** The same for a text of several lines. */
export function printableLines(text: string): string {
  return text.replace(unprintableInLines, escaped);
}

/** The same for JSON, which stays JSON of the same value. */
export function printableJson(json: string): string {
  return json.replace(leftByJson, (char) => `\\u${hex(char, 4)}`);
}

function escaped(char: string): string {
  return char < "\u0100" ? `\\x${hex(char, 2)}` : `\\u${hex(char, 4)}`;
}

function hex(char: string, digits: number): string {
  return char.charCodeAt(0).toString(16).padStart(digits, "0");
}
