const byteOf = (character: string) => character.charCodeAt(0);
const [quote, backslash] = [byteOf('"'), byteOf("\\")];
const [openBracket, openBrace] = [byteOf("["), byteOf("{")];
const [closeBracket, closeBrace] = [byteOf("]"), byteOf("}")];
const [minus, zero, nine] = [byteOf("-"), byteOf("0"), byteOf("9")];

/** Whether lists and objects are nested deeper in JSON than `limit`, whatever it is otherwise. */
export function deeperThan(json: Uint8Array, limit: number): boolean {
  if (json.length <= limit) return false;
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i];
    if (byte === quote) {
      i = endOfString(json, i);
    } else if (byte === openBracket || byte === openBrace) {
      if (++depth > limit) return true;
    } else if (byte === closeBracket || byte === closeBrace) {
      depth--;
    }
  }
  return false;
}

/** Whether a number in JSON is no longer the same once JavaScript has read it. */
export function losesDigits(json: Uint8Array): boolean {
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]!;
    if (byte === quote) {
      i = endOfString(json, i);
    } else if (byte === minus || byte >= zero && byte <= nine) {
      const end = endOfNumber(json, i);
      if (!isExact(json, i, end)) return true;
      i = end - 1;
    }
  }
  return false;
}

function endOfString(json: Uint8Array, start: number): number {
  for (let i = start + 1; i < json.length; i++) {
    if (json[i] === backslash) i++;
    else if (json[i] === quote) return i;
  }
  return json.length;
}

const inNumbers = new Set(new TextEncoder().encode("0123456789+-.eE"));

function endOfNumber(json: Uint8Array, start: number): number {
  let end = start + 1;
  while (end < json.length && inNumbers.has(json[end]!)) end++;
  return end;
}

// Fifteen digits are always exact, unless their exponent is large; 309 are the most that a number has before its point.
const shortNumber = 15;
const maxNumber = 400;
const largeExponent = /e[+-]?\d{3}/;

function isExact(json: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length <= 4) return true;
  if (length > maxNumber) return false;
  const text = String.fromCharCode(...json.subarray(start, end)).toLowerCase();
  if (length <= shortNumber && !largeExponent.test(text)) return true;
  const value = Number(text);
  return Number.isFinite(value) && canonical(text) === canonical(String(value));
}

/** A number as its digits, without zeros before and behind them, and the power of ten of the last. */
function canonical(number: string): string {
  const [, whole = "", fraction = "", power = "0"] = /^-?(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(number) ??
    [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${significant}e${Number(power) - fraction.length + digits.length - significant.length}`;
}
