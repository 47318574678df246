// @ts-check
import { html } from "../lib/preact.js";
import { Dialog } from "../parts/dialog.js";
import { commandsNow } from "../state/keys.js";

/** The keys, of this view and of all. @param {{ onClose: () => void }} props */
export function Help({ onClose }) {
  const commands = [...commandsNow(), { keys: "Enter", does: "Open the row" }];
  return html`
    <${Dialog} title="Keys" onClose=${onClose}>
      <dl class="keys">${commands.map(({ keys, does }) =>
        html`
          <div key=${keys}>
            <dt>${keys.split(" ").map((key, i) =>
              html`${i > 0 && " then "}<kbd>${key === "Escape" ? "Esc" : key}</kbd>`
            )}</dt>
            <dd>${does}</dd>
          </div>
        `
      )}
        </dl>
      <//>
  `;
}
