// @ts-check
/** @import { PayloadView } from "../../api/views.ts" */
import { html } from "../lib/preact.js";
import { Copy } from "./copy.js";
import { bytes } from "./format.js";
import { Block, Text } from "./text.js";

/** Longer JSON is shown in one colour, in characters. */
const mostColoured = 16 * 1024;

const tokens = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b/g;

/** A body as text that a person can edit. @param {PayloadView} payload */
export function textOf({ kind, value }) {
  return kind === "json" ? JSON.stringify(value, null, 2) : String(value);
}

/**
 * The body of a message.
 *
 * @param {{ payload: PayloadView, label: string }} props
 */
export function Payload({ payload, label }) {
  const text = textOf(payload);
  return html`<div class="payload">
    <p class="caption">${captionOf(payload)} <${Copy} text=${text} /></p>
    ${
    payload.kind === "json"
      ? html`<${Json} text=${text} label=${label} />`
      : html`<${Block} text=${text} label=${label} />`
  }
  </div>`;
}

/** A value from elsewhere as JSON. @param {{ value: unknown, label: string }} props */
export function JsonValue({ value, label }) {
  return html`<${Json} text=${JSON.stringify(value, null, 2) ?? "undefined"} label=${label} />`;
}

/** @param {{ text: string, label: string }} props */
function Json({ text, label }) {
  if (text.length > mostColoured) return html`<${Block} text=${text} label=${label} />`;
  return html`<pre class="block" tabindex="0" role="region" aria-label=${label}>${coloured(text)}</pre>`;
}

/** @param {string} text */
function coloured(text) {
  /** @type {unknown[]} */
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(tokens)) {
    parts.push(text.slice(end, match.index));
    const [all, string, colon] = match;
    const kind = string === undefined ? "literal" : colon === undefined ? "string" : "key";
    parts.push(html`<span class="json-${kind}"><${Text} value=${string ?? all} lines /></span>`, colon);
    end = match.index + all.length;
  }
  return [...parts, text.slice(end)];
}

/** @param {PayloadView} payload */
function captionOf({ kind, bytes: size, cut, contentType = "" }) {
  const what = { json: "JSON", text: "Text", base64: "Binary, as base64" }[kind];
  const parts = [
    what,
    bytes(size),
    ...contentType === "" ? [] : [contentType],
    ...cut ? ["only its beginning was kept"] : [],
  ];
  return html`<${Text} value=${parts.join(" · ")} />`;
}
