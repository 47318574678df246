// @ts-check

/**
 * Reads JSON so that writing it again gives the same numbers: one that JavaScript cannot hold, such as
 * 12345678901234567890, stays as it is written, in browsers that can do that.
 *
 * @param {string} text
 * @returns {any}
 */
export function parseExact(text) {
  // The types of JSON.parse do not know the third argument of its reviver.
  const { rawJSON } = /** @type {{ rawJSON?: (text: string) => unknown }} */ (/** @type {unknown} */ (JSON));
  if (rawJSON === undefined || !/\d{16}|\d[eE]|\.\d*0\b/.test(text)) return JSON.parse(text);
  /** @type {any} */
  const revive = (
    /** @type {string} */ _key,
    /** @type {unknown} */ value,
    /** @type {{ source?: string }} */ { source },
  ) =>
    typeof value === "number" && source !== undefined && String(value) !== source ? rawJSON(source) : value;
  return JSON.parse(text, revive);
}

/** Whether text is JSON. @param {string} text */
export function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
