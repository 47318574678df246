// @ts-check
/// <reference lib="dom" />
/** @import { PayloadView } from "../../api/views.ts" */
import { html, useState } from "../lib/preact.js";
import { Dialog } from "../parts/dialog.js";
import { isJson } from "../parts/is_json.js";
import { textOf } from "../parts/payload.js";

/**
 * Sends a run's message again, with another body. If the old one was not kept, what is written is JSON if it can be.
 *
 * @param {{ payload: PayloadView | undefined, onReplay: (body: string) => void, onClose: () => void }} props
 */
export function EditAndReplay({ payload, onReplay, onClose }) {
  const [text, setText] = useState(payload === undefined || payload.kind === "base64" ? "" : textOf(payload));
  const mustBeJson = payload?.kind === "json";
  const isSentAsJson = mustBeJson || (payload === undefined && isJson(text));
  const isWrong = mustBeJson && !isJson(text);
  const missing = whatIsMissing(payload);
  const send = () => {
    onReplay(isSentAsJson ? `{"input":${text}}` : `{"text":${JSON.stringify(text)}}`);
    onClose();
  };
  return html`<${Dialog} title="Edit and replay" onClose=${onClose} wide>
    ${missing && html`<p class="notice warn">${missing}</p>`}
    <label for="edited">Input <i>${isSentAsJson ? "JSON" : "text"}</i></label>
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

/** @param {PayloadView | undefined} payload */
function whatIsMissing(payload) {
  if (payload === undefined) return "The body was not kept: what you write here is sent instead.";
  if (payload.kind === "base64") {
    return "The body is binary, which cannot be edited here: what you write is sent as text.";
  }
  return payload.cut ? "Only the beginning of the body was kept: the rest is missing here." : undefined;
}
