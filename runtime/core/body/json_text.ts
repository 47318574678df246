const byteOf = (character: string) => character.charCodeAt(0);
const [quote, backslash] = [byteOf('"'), byteOf("\\")];
const [openBracket, openBrace] = [byteOf("["), byteOf("{")];
const [closeBracket, closeBrace] = [byteOf("]"), byteOf("}")];
const [minus, zero, nine] = [byteOf("-"), byteOf("0"), byteOf("9")];

/** Whether lists and objects in JSON are nested deeper than `limit`. The rest of the JSON need not be valid. */
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

/** Whether JavaScript would change a number in this JSON when it reads it. */
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

// A number of up to 15 digits is always exact, unless its exponent is large. No number has more than 309 whole digits.
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

/** A number as its digits, without zeros at either end, and a power of ten: `1200` is `12e2`. */
function canonical(number: string): string {
  const [, whole = "", fraction = "", power = "0"] = /^-?(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(number) ??
    [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${significant}e${Number(power) - fraction.length + digits.length - significant.length}`;
}
