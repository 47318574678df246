// @ts-check
/// <reference lib="dom" />
import { html, useEffect, useState } from "../lib/preact.js";

/** @param {{ text: string, label?: string }} props */
export function Copy({ text, label = "Copy" }) {
  const [said, say] = useState("");
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => say(""), 1_500);
    return () => clearTimeout(timer);
  }, [said]);
  // Browsers give the clipboard only to pages of this machine, or over TLS.
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      say("Copied");
    } catch {
      say("Select it, then Ctrl+C");
    }
  };
  return html`<button class="small quiet" type="button" onClick=${copy}>
    <span role="status">${said || label}</span></button>`;
}
