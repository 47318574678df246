// @ts-check
import { useEffect, useState } from "../lib/preact.js";

/**
 * Whether the runtime answers.
 *
 * @typedef {{ readonly isGone: boolean }} Link
 */

/** @type {Link} */
let link = { isGone: false };
/** @type {Set<(link: Link) => void>} */
const listeners = new Set();

/** @param {boolean} isGone */
export function sayGone(isGone) {
  if (link.isGone === isGone) return;
  link = { isGone };
  for (const listener of listeners) listener(link);
}

/** @returns {Link} */
export function useLink() {
  const [value, setValue] = useState(link);
  useEffect(() => {
    listeners.add(setValue);
    setValue(link);
    return () => void listeners.delete(setValue);
  }, []);
  return value;
}
