// @ts-check

/**
 * A part of a text: as it is, or a code for a character that cannot be seen or that changes how others are shown.
 *
 * @typedef {{ readonly kind: "text" | "code", readonly text: string }} Piece
 */

// Control characters, line ends, what changes the direction of text or has no width, and half surrogate pairs.
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]+/gu;
const invisibleInLines = /[^\P{Cc}\n\t]+|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]+/gu;

/** Names of the usual ones. @type {Readonly<Record<string, string>>} */
const pictures = { "\n": "␤", "\r": "␍", "\t": "␉", "\0": "␀", "\x1b": "␛", "\x7f": "␡" };

/**
 * Makes everything in a text visible. With `lines`, line ends and tabs are left as they are.
 *
 * @param {string} text
 * @param {boolean} [lines]
 * @returns {Piece[]}
 */
export function visible(text, lines = false) {
  /** @type {Piece[]} */
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(lines ? invisibleInLines : invisible)) {
    if (match.index > end) pieces.push({ kind: "text", text: text.slice(end, match.index) });
    pieces.push({ kind: "code", text: [...match[0]].map(codeOf).join("") });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ kind: "text", text: text.slice(end) });
  return pieces;
}

/** The same as one text. @param {string} text @param {boolean} [lines] */
export function visibleText(text, lines = false) {
  return visible(text, lines).map((piece) => piece.text).join("");
}

/** @param {string} character */
function codeOf(character) {
  const number = /** @type {number} */ (character.codePointAt(0));
  if (pictures[character] !== undefined) return pictures[character];
  if (number < 0x20) return String.fromCodePoint(0x2400 + number);
  const hex = number.toString(16);
  return number > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, "0")}`;
}
