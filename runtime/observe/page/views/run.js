// @ts-check
/// <reference lib="dom" />
/** @import { LineView, PayloadView, RunDetail } from "../../api/views.ts" */
import { html, useEffect, useRef, useState } from "../lib/preact.js";
import { Change, Outcome, useAction } from "../parts/action.js";
import { StatusBadge } from "../parts/badge.js";
import { Copy } from "../parts/copy.js";
import { clock } from "../parts/format.js";
import { Hidden, Loading, Problem } from "../parts/notice.js";
import { JsonValue, Payload } from "../parts/payload.js";
import { durationOf, sourceOf } from "../parts/run_cells.js";
import { Block, Text } from "../parts/text.js";
import { post } from "../state/api.js";
import { useKeys } from "../state/keys.js";
import { usePolled } from "../state/poll.js";
import { hashOf } from "../state/route.js";
import { Attempts } from "./attempts.js";
import { EditAndReplay } from "./edit_and_replay.js";

/** Milliseconds between two looks at a message that is done with, and which only a replay brings back. */
const seldom = 10_000;

/**
 * One run: what it got, what it did, and how it ended.
 *
 * @param {{ id: string, trusted: boolean, onClose: () => void, hrefOf: (id: string) => string }} props
 */
export function Run({ id, trusted, onClose, hrefOf }) {
  const [isOpen, setOpen] = useState(true);
  const polled = usePolled(
    /** @type {string} */ (`/api/runs/${encodeURIComponent(id)}`),
    isOpen ? 1_000 : seldom,
  );
  const run = /** @type {RunDetail | undefined} */ (polled.value);
  const status = run?.attempts.at(-1)?.status ?? "running";
  useEffect(() => setOpen(status === "running" || status === "retrying"), [status]);
  const [isEditing, edit] = useState(false);
  const action = useAction();
  const title = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    // The list keeps the focus of those who go through it with the keyboard.
    if (!document.activeElement?.closest(".list")) title.current?.focus();
  }, []);
  const replay = () => trusted && run && action.run(() => replayed(id, "{}"));
  useKeys([
    { keys: "r", does: "Replay the run", run: () => void replay() },
    { keys: "e", does: "Edit and replay the run", run: () => trusted && edit(true) },
  ]);
  return html`
    <aside class="panel" aria-label="Run">
      <header class="panel-head">
          <h2 ref=${title} tabindex="-1" class="wrap">${run
            ? html`<${Text} value=${run.function} />`
            : "Run"}</h2>
          ${run && html`<${StatusBadge} status=${run.status} />`}<span class="grow"></span>
          <${Change} trusted=${trusted} disabled=${!run || action.isBusy} onClick=${replay}>Replay<//>
          <${Change} trusted=${trusted} disabled=${!run} onClick=${() => edit(true)}>Edit and replay<//>
          <button type="button" class="quiet icon" aria-label="Close" onClick=${onClose}>✕</button>
        </header>
        <div class="panel-body" tabindex="0" role="region" aria-label="Run, in detail">
          <${Outcome} action=${action} />
          <${Problem} error=${polled.error} />
          ${run ? html`<${Detail} run=${run} hrefOf=${hrefOf} />` : !polled.error && html`<${Loading} />`}
        </div>
        ${isEditing && run && html`
          <${EditAndReplay} payload=${run.payload} onClose=${() => edit(false)}
            onReplay=${(/** @type {string} */ body) => action.run(() => replayed(id, body))} />
        `}
      </aside>
  `;
}

/** @param {string} id @param {string} body */
async function replayed(id, body) {
  const { messageId, queue } = await post(`/api/runs/${encodeURIComponent(id)}/replay`, body);
  return `Sent to queue ${queue} as message ${messageId}`;
}

/** @param {{ run: RunDetail, hrefOf: (id: string) => string }} props */
function Detail({ run, hrefOf }) {
  const { payload, payloadNotKept, headers, properties, hidden, deadLetterQueue, traceId } = run;
  return html`
    <${Failure} run=${run} />
    <dl class="facts">
      <${Id} name="Run" value=${run.id} /><${Id} name="Message" value=${run.messageId} />
      ${traceId && html`<${Id} name="Trace" value=${traceId} />`}
      <div><dt>Trigger</dt><dd class="mono">${sourceOf(run)}</dd></div>
      <div><dt>Queue</dt><dd class="mono"><a href=${hashOf("queues", run.queue)}><${Text} value=${run
        .queue} /></a></dd></div>
      ${deadLetterQueue && html`
        <div>
          <dt>Dead letters</dt>
          <dd class="mono">
                <a href=${hashOf("dead", deadLetterQueue)}><${Text} value=${deadLetterQueue} /></a></dd>
        </div>
      `}
      <div><dt>Queued</dt><dd>${clock(run.queued)}</dd></div>
      <div><dt>Started</dt><dd>${clock(run.started)}</dd></div>
      <div><dt>Duration</dt><dd>${durationOf(run)}</dd></div>
      <div><dt>Attempt</dt><dd>${run.attempt}</dd></div>
    </dl>
    <${Attempts} run=${run} hrefOf=${hrefOf} />
    ${hidden ? html`<${Hidden} what="What it got and logged" />` : html`
      <${Input} payload=${payload} notKept=${payloadNotKept} />
      <${Lines} run=${run} />
      <${Values} title="Headers" values=${headers} />
      <${Values} title="Properties" values=${properties} />
    `}
  `;
}

/** @param {{ payload: PayloadView | undefined, notKept: string | undefined }} props */
function Input({ payload, notKept = "It was not kept." }) {
  return html`<section><h3>Input</h3>
    ${
    payload ? html`<${Payload} payload=${payload} label="Input" />` : html`
      <p class="caption">
        <${Text} value=${notKept} />
      </p>
    `
  }
  </section>`;
}

/** @param {{ run: RunDetail }} props */
function Failure({ run: { error, stack, at } }) {
  if (error === undefined) return null;
  const isLong = stack !== undefined && stack.trim() !== error.trim();
  return html`<section class="failure"><h3>Error</h3>
    <p class="error-line"><${Text} value=${error} lines /></p>
    ${
    at && html`
      <p
        class="caption">thrown at <code><${Text} value=${at} /></code> <${Copy} text=${at} /></p>
    `
  }
    ${isLong && html`<${Block} text=${stack} label="Stack" className="stack" />`}
  </section>`;
}

/** @param {{ run: RunDetail }} props */
function Lines({ run: { lines, linesLost } }) {
  return html`<section><h3>Log lines</h3>
    ${
    lines.length === 0 ? html`<p class="caption">It wrote none.</p>` : html`
      <div class="lines" tabindex="0" role="region" aria-label="Log lines">
        <ol>${lines.map((line, i) => html`<${Line} key=${i} line=${line} />`)}</ol>
      </div>
    `
  }
    ${linesLost > 0 && html`<p class="caption">${linesLost.toLocaleString("en")} more were not kept.</p>`}
  </section>`;
}

/** @param {{ line: LineView }} props */
function Line({ line: { time, level, message, data } }) {
  return html`<li class="level-${level}"><time datetime=${time}>${clock(time)}</time><b>${level}</b>
    <span class="message"><${Text} value=${message} lines />${
    data &&
    html`<span class="data">${" "}<${Text} value=${JSON.stringify(data)} /></span>`
  }</span></li>`;
}

/** @param {{ title: string, values: Readonly<Record<string, unknown>> | undefined }} props */
function Values({ title, values }) {
  if (values === undefined) return null;
  const isEmpty = Object.keys(values).length === 0;
  return html`<section><h3>${title}</h3>
    ${
    isEmpty ? html`<p class="caption">None.</p>` : html`<${JsonValue} value=${values} label=${title} />`
  }</section>`;
}

/** @param {{ name: string, value: string }} props */
function Id({ name, value }) {
  return html`
    <div>
      <dt>${name}</dt>
      <dd
        class="mono id"><span class="wrap"><${Text} value=${value} /></span><${Copy} text=${value} /></dd>
    </div>
  `;
}
