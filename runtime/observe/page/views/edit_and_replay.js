// @ts-check
/// <reference lib="dom" />
/** @import { PayloadView } from "../../api/views.ts" */
import { html, useState } from "../lib/preact.js";
import { Dialog } from "../parts/dialog.js";
import { isJson } from "../parts/is_json.js";
import { textOf } from "../parts/payload.js";

/**
 * Sends a run's message again, with another body.
 *
 * @param {{ payload: PayloadView, onReplay: (body: string) => void, onClose: () => void }} props
 */
export function EditAndReplay({ payload, onReplay, onClose }) {
  const [text, setText] = useState(payload.kind === "base64" ? "" : textOf(payload));
  const mustBeJson = payload.kind === "json";
  const isWrong = mustBeJson && !isJson(text);
  const send = () => {
    onReplay(mustBeJson ? `{"input":${text}}` : `{"text":${JSON.stringify(text)}}`);
    onClose();
  };
  return html`<${Dialog} title="Edit and replay" onClose=${onClose} wide>
    ${
    payload.cut &&
    html`<p class="notice warn">Only the beginning of the body was kept: the rest is missing here.</p>`
  }
    ${
    payload.kind === "base64" &&
    html`<p class="notice warn">The body is binary, which cannot be edited here. What you write is sent as text.</p>`
  }
    <label for="edited">Input <i>${mustBeJson ? "JSON" : "text"}</i></label>
    <textarea id="edited" class="mono" rows="14" spellcheck=${false} value=${text} aria-invalid=${isWrong}
      onInput=${(/** @type {{ currentTarget: HTMLTextAreaElement }} */ { currentTarget }) =>
    setText(currentTarget.value)}></textarea>
    <div class="buttons end">
      <span class="caption" role="status">${isWrong ? "This is no JSON yet" : ""}</span>
      <button type="button" onClick=${onClose}>Cancel</button>
      <button type="button" class="primary" disabled=${isWrong} onClick=${send}>Replay</button>
    </div>
  <//>`;
}
