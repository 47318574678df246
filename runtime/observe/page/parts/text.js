// @ts-check
import { html, useState } from "../lib/preact.js";
import { visible, visibleText } from "./visible.js";

/** More codes than this are not marked, so that a text of control characters costs no more than another. */
const mostMarked = 500;

/** How much of a long text is shown at first, and at most, in characters. */
const shownFirst = 64 * 1024;
const shownMost = 4 * 1024 * 1024;

/**
 * Text from elsewhere, with everything in it visible. As one line it is cut after 1,000 characters.
 *
 * @param {{ value: unknown, lines?: boolean }} props
 */
export function Text({ value, lines = false }) {
  const text = String(value ?? "");
  const cut = lines || text.length <= 1_000 ? text : `${text.slice(0, 1_000)}…`;
  const pieces = visible(cut, lines);
  if (pieces.length === 1 && pieces[0]?.kind === "text") return pieces[0].text;
  if (pieces.length > mostMarked) return visibleText(cut, lines);
  return pieces.map(({ kind, text }) =>
    kind === "text" ? text : html`<span class="code-point">${text}</span>`
  );
}

/**
 * A block of text, its first 64 KiB at first.
 *
 * @param {{ text: string, label: string, className?: string }} props
 */
export function Block({ text, label, className = "" }) {
  const [isWhole, showWhole] = useState(false);
  const most = isWhole ? shownMost : shownFirst;
  const isCut = text.length > most;
  return html`<pre class="block ${className}" tabindex="0" role="region" aria-label=${label}><${Text}
      value=${isCut ? text.slice(0, most) : text} lines /></pre>
    ${
    isCut && html`<p class="note">
      ${most.toLocaleString("en")} of ${text.length.toLocaleString("en")} characters.${" "}
      ${!isWhole && html`<button class="small" onClick=${() => showWhole(true)}>Show all</button>`}
    </p>`
  }`;
}
