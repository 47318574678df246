// @ts-check
/// <reference lib="dom" />
import { useEffect, useState } from "../lib/preact.js";

/**
 * Where the page is. `#/runs/ID?status=failed` is the view `runs`, with one run open, and a filter.
 *
 * @typedef {{ readonly view: string, readonly id: string | undefined, readonly query: URLSearchParams }} Route
 */

/** @param {string} hash @returns {Route} */
export function readRoute(hash) {
  const [path = "", query = ""] = splitOnce(hash.replace(/^#?\/?/, ""), "?");
  const [view = "", id = ""] = splitOnce(path, "/");
  return {
    view: view || "functions",
    id: id === "" ? undefined : decoded(id),
    query: new URLSearchParams(query),
  };
}

/**
 * The hash of a place.
 *
 * @param {string} view
 * @param {string} [id]
 * @param {URLSearchParams | Record<string, string>} [query] Empty values are left out.
 */
export function hashOf(view, id, query) {
  const entries = [...new URLSearchParams(query)].filter(([, value]) => value !== "");
  const path = id === undefined ? view : `${view}/${encodeURIComponent(id)}`;
  return `#/${path}${entries.length === 0 ? "" : `?${new URLSearchParams(entries)}`}`;
}

/**
 * The hashes of many places in a view, with the same filter.
 *
 * @param {string} view
 * @param {URLSearchParams} query
 * @returns {(id: string) => string}
 */
export function hashesOf(view, query) {
  const before = `#/${view}/`;
  const after = hashOf(view, "", query).slice(before.length);
  return (id) => `${before}${encodeURIComponent(id)}${after}`;
}

/** @param {string} hash */
export function go(hash) {
  location.hash = hash;
}

/** The same place with another filter. It is no new step for the browser's Back button. @param {string} hash */
export function replaceRoute(hash) {
  history.replaceState(null, "", hash);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/** @returns {Route} */
export function useRoute() {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    addEventListener("hashchange", changed);
    changed();
    return () => removeEventListener("hashchange", changed);
  }, []);
  return readRoute(hash);
}

/** @param {string} text @param {string} separator */
function splitOnce(text, separator) {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
