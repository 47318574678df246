// @ts-check
/// <reference lib="dom" />
/** @import { Entered, Field } from "./schema.js" */
import { html, useRef } from "../lib/preact.js";
import { emptyOf } from "./schema.js";
import { Text } from "./text.js";

/** Every field of the page has an id of its own, for its label. */
let ids = 0;

/**
 * The fields of a form, as its schema says.
 *
 * @param {{ field: Field, value: Entered | undefined, onChange: (value: Entered) => void, label?: string }} props
 */
export function Fields({ field, value, onChange, label = field.name }) {
  if (field.kind === "object") {
    return html`<${ObjectFields} field=${field} value=${value} onChange=${onChange} label=${label} />`;
  }
  if (field.kind === "array") {
    return html`<${ArrayFields} field=${field} value=${value} onChange=${onChange} label=${label} />`;
  }
  return html`<${OneField} field=${field} value=${value} onChange=${onChange} label=${label} />`;
}

/** @param {{ field: Field, value: Entered | undefined, onChange: (value: Entered) => void, label: string }} props */
function ObjectFields({ field, value, onChange, label }) {
  const values = /** @type {Record<string, Entered>} */ (value ?? {});
  const inner = (field.fields ?? []).map((each) =>
    html`
      <${Fields} key=${each.name} field=${each} value=${values[each.name]}
        onChange=${(/** @type {Entered} */ changed) => onChange({ ...values, [each.name]: changed })} />
    `
  );
  if (field.name === "") return html`<div class="fields">${inner}</div>`;
  return html`<fieldset><legend><${Text} value=${label} /></legend><${Hint} field=${field} />${inner}</fieldset>`;
}

/** @param {{ field: Field, value: Entered | undefined, onChange: (value: Entered) => void, label: string }} props */
function ArrayFields({ field, value, onChange, label }) {
  const values = /** @type {Entered[]} */ (value ?? []);
  const item = /** @type {Field} */ (field.item);
  const title = label || "Items";
  return html`<fieldset><legend><${Text} value=${title} /></legend><${Hint} field=${field} />
    ${
    values.map((each, i) =>
      html`
        <div class="item" key=${i}>
          <${Fields} field=${{ ...item, name: `${i + 1}` }} value=${each} label="${title} ${i + 1}"
            onChange=${(/** @type {Entered} */ changed) => onChange(values.with(i, changed))} />
          <button type="button" class="quiet small" aria-label="Remove ${title} ${i + 1}"
            onClick=${() => onChange(values.filter((_, at) => at !== i))}>✕</button>
        </div>
      `
    )
  }
    <button type="button" class="small" onClick=${() => onChange([...values, emptyOf(item)])}>Add one</button>
  </fieldset>`;
}

/** @param {{ field: Field, value: Entered | undefined, onChange: (value: Entered) => void, label: string }} props */
function OneField({ field, value, onChange, label }) {
  const id = useRef(`field-${++ids}`).current;
  const { kind, isRequired, choices = [] } = field;
  const change = (/** @type {Event & { currentTarget: HTMLInputElement }} */ { currentTarget }) =>
    onChange(kind === "boolean" ? currentTarget.checked : currentTarget.value);
  const text = String(value ?? "");
  const title = html`<label for=${id}><${Text} value=${label || "Input"} />${
    !isRequired && html`
      <i>optional</i>
    `
  }</label>`;
  if (kind === "boolean") {
    return html`
      <div
        class="field check"><input id=${id} type="checkbox" checked=${value ===
          true} onChange=${change} />${title}
            <${Hint} field=${field} /></div>
    `;
  }
  return html`<div class="field">${title}<${Hint} field=${field} />${
    kind === "choice"
      ? html`<select id=${id} value=${text} onChange=${change}>
        ${!isRequired && html`<option value="">–</option>`}
        ${
        choices.map((choice) =>
          html`<option key=${JSON.stringify(choice)} value=${JSON.stringify(choice)}>${
            String(choice)
          }</option>`
        )
      }
      </select>`
      : kind === "json"
      ? html`
        <textarea id=${id} rows="3" spellcheck=${false} class="mono" value=${text} onInput=${change}
          placeholder="JSON"></textarea>
      `
      : html`
        <input id=${id} type="text" autocomplete="off" inputmode=${kind === "number" ? "decimal" : undefined}
          value=${text} onInput=${change} />
      `
  }</div>`;
}

/** @param {{ field: Field }} props */
function Hint({ field: { description } }) {
  return description === undefined ? null : html`
    <p class="hint">
      <${Text} value=${description} />
    </p>
  `;
}
