// @ts-check
/// <reference lib="dom" />
import { html, useEffect, useRef, useState } from "../lib/preact.js";
import { useKeys } from "../state/keys.js";

/** The statuses of runs, as in views.ts, which a browser cannot load. */
const statuses = ["running", "ok", "failed", "retrying", "dead", "duplicate", "expired"];

const times = [["", "Any time"], ["5m", "Last 5 min"], ["1h", "Last hour"], ["24h", "Last 24 hours"]];

/** Milliseconds after the last key until it is searched. */
const settle = 250;

/**
 * @param {{ query: URLSearchParams, functions: readonly string[], onChange: (query: URLSearchParams) => void }} props
 */
export function RunFilters({ query, functions, onChange }) {
  const search = useRef(/** @type {HTMLInputElement | null} */ (null));
  const filter = useRef(/** @type {HTMLSelectElement | null} */ (null));
  const asked = query.get("search") ?? "";
  const [typed, setTyped] = useState(asked);
  useKeys([
    { keys: "/", does: "Search", run: () => search.current?.focus() },
    { keys: "f", does: "Filter", run: () => filter.current?.focus() },
  ]);
  const set = (/** @type {string} */ name, /** @type {string} */ value) => {
    const changed = new URLSearchParams(query);
    if (value === "") changed.delete(name);
    else changed.set(name, value);
    onChange(changed);
  };
  useEffect(() => setTyped(asked), [asked]);
  useEffect(() => {
    if (typed === asked) return;
    const timer = setTimeout(() => set("search", typed), settle);
    return () => clearTimeout(timer);
  }, [typed]);
  const chosen = query.get("function") ?? "";
  const names = chosen === "" || functions.includes(chosen) ? functions : [chosen, ...functions];
  return html`
    <div class="filters" role="search">
      <select ref=${filter} aria-label="Function" value=${chosen} onChange=${changed("function", set)}>
          <option value="">All functions</option>
          ${names.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
        </select>
      <select aria-label="Status" value=${query.get("status") ?? ""} onChange=${changed("status", set)}>
          <option value="">Any status</option>
          <option value="failed,dead,retrying">Failed, retrying or dead</option>
          ${statuses.map((status) => html`<option key=${status} value=${status}>${status}</option>`)}
        </select>
      <select aria-label="Time" value=${query.get("since") ?? ""} onChange=${changed("since", set)}>
          ${times.map(([value, title]) => html`<option key=${value} value=${value}>${title}</option>`)}
        </select>
      <input ref=${search} type="search" aria-label="Search runs" placeholder="Search id, message, error"
        value=${typed}
        onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) =>
          setTyped(currentTarget.value)} />
    </div>
  `;
}

/** @param {string} name @param {(name: string, value: string) => void} set */
function changed(name, set) {
  return (/** @type {{ currentTarget: HTMLSelectElement }} */ { currentTarget }) =>
    set(name, currentTarget.value);
}
