// @ts-check
/// <reference lib="dom" />
import { html, useEffect, useRef } from "../lib/preact.js";

/**
 * A dialog over the page, which Escape closes.
 *
 * @param {{ title: string, onClose: () => void, children?: unknown, wide?: boolean }} props
 */
export function Dialog({ title, onClose, children, wide = false }) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const clicked = (/** @type {MouseEvent} */ event) => {
    if (event.target === element.current) onClose();
  };
  return html`
    <dialog ref=${element} class=${wide
      ? "wide"
      : ""} aria-label=${title} onClose=${onClose} onClick=${clicked}>
      <div class="dialog">
          <header><h2>${title}</h2>
            <button type="button" class="quiet icon" aria-label="Close" onClick=${onClose}>✕</button></header>
          ${children}
        </div>
    </dialog>
  `;
}

/**
 * Asks before something is done that cannot be undone.
 *
 * @param {{ question: string, detail: string, action: string, onDo: () => void, onClose: () => void }} props
 */
export function Confirm({ question, detail, action, onDo, onClose }) {
  return html`
    <${Dialog} title=${question} onClose=${onClose}>
      <p>${detail}</p>
      <div class="buttons end">
        <button type="button" onClick=${onClose}>Cancel</button>
        <button type="button" class="danger" onClick=${() => (onClose(), onDo())}>${action}</button>
      </div>
      <//>
  `;
}
