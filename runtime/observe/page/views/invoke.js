// @ts-check
/// <reference lib="dom" />
/** @import { FunctionDetail, InvokeView, RunsView, RunSummary, RuntimeView } from "../../api/views.ts" */
/** @import { Entered } from "../parts/schema.js" */
import { html, useMemo, useState } from "../lib/preact.js";
import { Change, Outcome, useAction } from "../parts/action.js";
import { StatusBadge } from "../parts/badge.js";
import { commandOf, curlOf, keyFor } from "../parts/commands.js";
import { duration } from "../parts/format.js";
import { Fields } from "../parts/form.js";
import { isJson } from "../parts/is_json.js";
import { CommandLine, untrusted } from "../parts/notice.js";
import { JsonValue, Payload } from "../parts/payload.js";
import { emptyOf, fieldOf, jsonOf } from "../parts/schema.js";
import { Text } from "../parts/text.js";
import { post } from "../state/api.js";
import { usePolled } from "../state/poll.js";
import { hashOf } from "../state/route.js";

/** Milliseconds that a reply may take. */
const timeout = 10_000;

/**
 * What is typed: fields of a form, or the input as a whole. That is JSON, or text if it is none.
 *
 * @typedef {{ readonly mode: "form", readonly entered: Entered } | { readonly mode: "raw", readonly text: string }} Typed
 */

/** Sends a function something, and shows what became of it. @param {{ detail: FunctionDetail, path: string, runtime: RuntimeView }} props */
export function Invoke({ detail, path, runtime: { trusted, command } }) {
  const { inputSchema, trigger, binding } = detail;
  const field = useMemo(() => inputSchema === undefined ? undefined : fieldOf(inputSchema), [
    JSON.stringify(inputSchema),
  ]);
  const hasForm = field !== undefined && field.kind !== "json";
  const [typed, setTyped] = useState(
    /** @type {Typed} */ (
      hasForm ? { mode: "form", entered: emptyOf(field) } : { mode: "raw", text: "" }
    ),
  );
  const [routingKey, setRoutingKey] = useState(keyFor(binding));
  const [headers, setHeaders] = useState("");
  const [answer, setAnswer] = useState(/** @type {InvokeView | undefined} */ (undefined));
  const action = useAction();
  const hasKey = trigger === "topic" || trigger === "direct";
  const isSchedule = trigger === "schedule";

  const inputNow = () =>
    typed.mode === "form" && field !== undefined ? jsonOf(field, typed.entered) ?? "null" : rawOf(typed);
  const bodyNow = () => {
    if (isSchedule) return "{}";
    if (headers.trim() !== "" && !isJson(headers)) throw new Error("The headers are no JSON");
    const input = inputNow();
    const isText = typed.mode === "raw" && !isJson(input);
    const parts = [
      isText ? `"text":${JSON.stringify(input)}` : `"input":${input}`,
      ...headers.trim() === "" ? [] : [`"headers":${headers}`],
      ...hasKey ? [`"routingKey":${JSON.stringify(routingKey)}`] : [],
      ...trigger === "rpc" ? [`"timeout":${timeout}`] : [],
    ];
    return `{${parts.join(",")}}`;
  };
  const invoke = () => {
    setAnswer(undefined);
    return action.run(async () => setAnswer(await post(`${path}/invoke`, bodyNow(), timeout)));
  };
  const written = attempt(() => ({
    ...detail,
    start: command,
    body: bodyNow(),
    input: inputNow(),
    ...hasKey ? { routingKey } : {},
    headers,
  }));

  return html`
    <section class="card invoke">
      <header class="row"><h2>Invoke</h2>
          ${hasForm &&
            html`<button type="button" class="small quiet" onClick=${() =>
              setTyped(
                typed.mode === "form"
                  ? {
                    mode: "raw",
                    text: attempt(() => JSON.stringify(JSON.parse(inputNow()), null, 2)) ?? "",
                  }
                  : { mode: "form", entered: emptyOf(field) },
              )}>${typed.mode === "form" ? "Write JSON" : "Use the form"}</button>`}
        </header>
      <form onSubmit=${(/** @type {Event} */ event) => (event.preventDefault(), trusted && invoke())}>
          ${isSchedule
            ? html`<p class="caption">It gets a tick that says it was fired by hand.</p>`
            : typed.mode === "form" && field !== undefined
            ? html`
              <${Fields} field=${field} value=${typed.entered}
                onChange=${(/** @type {Entered} */ entered) => setTyped({ mode: "form", entered })} />
            `
            : html`
              <${RawInput} text=${rawOf(typed)} onChange=${(/** @type {string} */ text) =>
                setTyped({ mode: "raw", text })}
                onSubmit=${() => trusted && invoke()} />
            `}
          ${hasKey && html`<div class="field"><label for="routing-key">Routing key</label>
        <input id="routing-key" class="mono" type="text" autocomplete="off" value=${routingKey}
          onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) =>
            setRoutingKey(currentTarget.value)} /></div>`}
          ${!isSchedule && html`
            <details open=${trigger === "headers"}>
              <summary>Headers</summary>
              <textarea class="mono" rows="2" spellcheck=${false} aria-label="Headers, as JSON" placeholder=${'{ "name": "value" }'}
                value=${headers}
                onInput=${(/** @type {{ currentTarget: HTMLTextAreaElement }} */ { currentTarget }) =>
                  setHeaders(currentTarget.value)}></textarea>
            </details>
          `}
          <div class="buttons">
            <${Change} trusted=${trusted} disabled=${action.isBusy} kind="primary" onClick=${invoke}>
              ${action.isBusy
                ? "Waiting…"
                : trigger === "rpc"
                ? "Call"
                : isSchedule
                ? "Fire now"
                : "Send"}<//>
            ${!trusted && html`<span class="caption">${untrusted}</span>`}
          </div>
        </form>
        <${ActionError} error=${action.error} /><${Outcome} action=${action} />
        ${answer && html`<${Answer} answer=${answer} name=${detail.name} />`}
        ${written && html`
          <h3>The same from a terminal</h3>
          <${CommandLine} label="CLI" text=${commandOf(written)} />
          <${CommandLine} label="curl" text=${curlOf(written, location.origin)} />
          <p
            class="caption">TOKEN is in <code>.hopper/admin.json</code>, in the folder where the runtime was started.</p>
        `}
      </section>
  `;
}

/** What is wrong with what was typed; the API's problems are shown by Outcome. @param {{ error: Error | undefined }} props */
function ActionError({ error }) {
  return error?.constructor === Error
    ? html`
      <p class="notice bad" role="alert">
        <${Text} value=${error.message} />
      </p>
    `
    : null;
}

/** @param {{ text: string, onChange: (text: string) => void, onSubmit: () => void }} props */
function RawInput({ text, onChange, onSubmit }) {
  const what = text.trim() === "" ? "JSON, or any text" : isJson(text) ? "JSON" : "Text, as it is no JSON";
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onSubmit();
  };
  return html`<div class="field"><label for="input">Input <i>${what}</i></label>
    <textarea id="input" class="mono" rows="6" spellcheck=${false} value=${text} onKeyDown=${pressed}
      onInput=${(/** @type {{ currentTarget: HTMLTextAreaElement }} */ { currentTarget }) =>
    onChange(currentTarget.value)}></textarea></div>`;
}

/** @param {{ answer: InvokeView, name: string }} props */
function Answer({ answer, name }) {
  switch (answer.kind) {
    case "reply":
      return html`
        <div class="answer" role="status">
          <h3>Reply <span class="badge good">ok</span> in ${duration(answer.ms)}</h3>
          <${Payload} payload=${answer.output} label="Reply" />
        </div>
      `;
    case "error":
      return html`
        <div class="answer" role="status">
          <h3>Error <span class="badge bad">failed</span> in ${duration(answer.ms)}</h3>
          <${JsonValue} value=${answer.problem} label="Error" />
        </div>
      `;
    case "sent":
      return html`<${Sent} name=${name} messageId=${answer.messageId} run=${answer.run} />`;
  }
}

/** Follows a message until its run has ended. @param {{ name: string, messageId: string, run: RunSummary | undefined }} props */
function Sent({ name, messageId, run }) {
  const query = new URLSearchParams({ function: name, search: messageId, limit: "1" });
  const isOpen = run === undefined || run.status === "running" || run.status === "retrying";
  const { value } = usePolled(/** @type {string | undefined} */ (isOpen ? `/api/runs?${query}` : undefined));
  const latest = /** @type {RunsView | undefined} */ (value)?.runs[0] ?? run;
  return html`<div class="answer" role="status"><h3>Sent ${
    latest
      ? html`<${StatusBadge} status=${latest.status} /> in ${duration(latest.ms)}`
      : html`<span class="badge quiet">waiting</span>`
  }</h3>
    <p class="caption">Message <span class="mono"><${Text} value=${messageId} /></span> was confirmed by the broker.
      ${latest && html`${" "}<a href=${hashOf("runs", latest.id)}>Open its run</a>`}</p>
    ${
    latest?.error && html`
      <p class="notice bad">
        <${Text} value=${latest.error} />
      </p>
    `
  }
  </div>`;
}

/** @param {Typed} typed */
function rawOf(typed) {
  return typed.mode === "raw" ? typed.text : "";
}

/** @template T @param {() => T} get @returns {T | undefined} */
function attempt(get) {
  try {
    return get();
  } catch {
    return undefined;
  }
}
