// @ts-check
/// <reference lib="dom" />
import { html } from "../lib/preact.js";
import { ApiError } from "../state/api.js";
import { Copy } from "./copy.js";
import { Text } from "./text.js";

/** How somebody without the token gets to see and change everything. */
export const howTrusted =
  "Open the address that hopper run printed at its start, or type the token in Settings.";

/** Why buttons are off. */
export const untrusted = `Only with the token. ${howTrusted}`;

/** What the API said instead of doing it; nothing for a runtime that is gone, which the banner says. @param {{ error: Error | undefined }} props */
export function Problem({ error }) {
  if (!(error instanceof ApiError)) return null;
  const { title, message } = error;
  return html`<div class="notice bad" role="alert"><b><${Text} value=${title} /></b>${" "}
    ${message !== title && html`<${Text} value=${message} lines />`}</div>`;
}

/** @param {{ what: string }} props */
export function Hidden({ what }) {
  return html`<p class="notice">${what} is hidden from readers without the token. ${howTrusted}</p>`;
}

/**
 * An empty view, and what to type to fill it.
 *
 * @param {{ title: string, children?: unknown, commands?: readonly string[] }} props
 */
export function Empty({ title, children, commands = [] }) {
  return html`<div class="empty">
    <h2>${title}</h2>
    ${children && html`<p>${children}</p>`}
    ${commands.map((command) => html`<${CommandLine} key=${command} text=${command} />`)}
  </div>`;
}

/** A line to copy. @param {{ text: string, label?: string }} props */
export function CommandLine({ text, label }) {
  return html`<div class="command">
    ${label && html`<span class="command-label">${label}</span>`}
    <code tabindex="0"><${Text} value=${text} lines /></code><${Copy} text=${text} />
  </div>`;
}

export function Loading() {
  return html`<p class="loading" role="status">Loading…</p>`;
}
