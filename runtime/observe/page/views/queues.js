// @ts-check
/// <reference lib="dom" />
/** @import { PeekedMessage, PeekView, QueuesView, QueueView, RuntimeView } from "../../api/views.ts" */
/** @import { Route } from "../state/route.js" */
import { html, useEffect, useState } from "../lib/preact.js";
import { Outcome, useAction } from "../parts/action.js";
import { quoted } from "../parts/commands.js";
import { amount, change, plural } from "../parts/format.js";
import { List } from "../parts/list.js";
import { CommandLine, Empty, Hidden, Loading, Problem } from "../parts/notice.js";
import { JsonValue, Payload } from "../parts/payload.js";
import { Text } from "../parts/text.js";
import { get } from "../state/api.js";
import { useKeys } from "../state/keys.js";
import { usePolled } from "../state/poll.js";
import { go, hashOf } from "../state/route.js";

/** Messages that are shown of a queue. */
const mostPeeked = 10;

/** What each kind of queue is for. @type {Readonly<Record<QueueView["kind"], string>>} */
const kinds = {
  work: "work",
  retry: "retry",
  dead: "dead letters",
  suspects: "suspects",
  schedule: "last tick",
};

/** @type {import("../parts/list.js").Column<QueueView>[]} */
const columns = [
  {
    title: "Queue",
    className: "name mono",
    cell: ({ name }) => html`<a href=${hashOf("queues", name)}><${Text} value=${name} /></a>`,
  },
  { title: "Kind", className: "kind wide-s", cell: ({ kind }) => kinds[kind] },
  {
    title: "Function",
    className: "source wide-l",
    cell: ({ functions }) => html`<${Text} value=${functions.join(", ")} />`,
  },
  { title: "Ready", className: "number", cell: ({ ready }) => amount(ready) },
  { title: "Unacked", className: "number wide-m", cell: ({ unacked }) => amount(unacked) },
  {
    title: "Consumers",
    className: "number consumers",
    cell: ({ kind, consumers }) =>
      html`<span class=${kind === "work" && consumers === 0 ? "is-bad" : ""}>${amount(consumers)}</span>`,
  },
  { title: "Taken", className: "number wide-s", cell: ({ taken }) => `${amount(taken)}/s` },
  { title: "Growth", className: "number", cell: ({ growth }) => change(growth) },
];

/** All queues, and the messages that wait in one. @param {{ route: Route, runtime: RuntimeView }} props */
export function Queues({ route: { id }, runtime }) {
  const { value, error } = usePolled("/api/queues");
  const view = /** @type {QueuesView | undefined} */ (value);
  const close = () => go(hashOf("queues"));
  useKeys(id === undefined ? [] : [{ keys: "Escape", does: "Close the queue", run: close }]);
  const queue = view?.queues.find(({ name }) => name === id);
  return html`<section class="view fill split ${id === undefined ? "" : "open"}">
    <div class="main">
      <header class="head"><h1>Queues</h1><span class="count">${
    view && plural(view.queues.length, "queue")
  }</span></header>
      <${Problem} error=${error} />
      ${
    view === undefined ? !error && html`<${Loading} />` : view.queues.length > 0
      ? html`
        <${List} label="Queues" columns=${columns} rows=${view.queues} keyOf=${nameOf} current=${id}
          hrefOf=${(/** @type {QueueView} */ { name }) => hashOf("queues", name)} />
      `
      : html`<${Empty} title="No queues yet" commands=${[`${runtime.command} new hello --trigger queue`]}>
          Functions bring their queues along:<//>`
  }
    </div>
    ${
    id !== undefined &&
    html`<${Peek} key=${id} name=${id} queue=${queue} runtime=${runtime} onClose=${close} />`
  }
  </section>`;
}

/** @param {QueueView} queue */
const nameOf = ({ name }) => name;

/** @param {{ name: string, queue: QueueView | undefined, runtime: RuntimeView, onClose: () => void }} props */
function Peek({ name, queue, runtime: { trusted, command }, onClose }) {
  const [messages, setMessages] = useState(/** @type {readonly PeekedMessage[] | undefined} */ (undefined));
  const action = useAction();
  const look = () =>
    action.run(async () => {
      const view =
        /** @type {PeekView} */ (await get(`/api/queues/${encodeURIComponent(name)}/peek?max=${mostPeeked}`));
      setMessages(view.messages);
    });
  useEffect(() => {
    if (trusted) look();
  }, []);
  return html`
    <aside class="panel" aria-label="Queue">
      <header
        class="panel-head"><h2 class="wrap mono"><${Text} value=${name} /></h2><span class="grow"></span>
          ${trusted &&
            html`<button type="button" disabled=${action.isBusy} onClick=${look}>Look again</button>`}
          <button type="button" class="quiet icon" aria-label="Close" onClick=${onClose}>✕</button></header>
      <div class="panel-body" tabindex="0" role="region" aria-label="Queue, in detail">
          ${queue && html`
            <dl class="facts">
              <div>
                <dt>For</dt>
                <dd>${queue.functions.map((each) =>
                  html`
                    <a key=${each} href=${hashOf("functions", each)}><${Text} value=${each} /></a>
                  `
                )} (${kinds[queue.kind]})</dd>
              </div>
              <div>
                <dt>Ready</dt>
                <dd>${amount(queue.ready)}</dd>
              </div>
              <div>
                <dt>Unacked</dt>
                <dd>${amount(queue.unacked)}</dd>
              </div>
              <div>
                <dt>Consumers</dt>
                <dd>${amount(queue.consumers)}</dd>
              </div>
            </dl>
          `}
          ${queue?.kind === "dead" &&
            html`<p><a href=${hashOf("dead", name)}>Replay or purge its dead letters</a></p>`}
          <h3>Messages that wait</h3>
          <${Outcome} action=${action} />
          ${!trusted && html`<${Hidden} what="What is in the queue" />`}
          ${messages?.length === 0 &&
            html`<p class="caption">None${queue?.unacked ? ", besides those that are being handled" : ""}.</p>
        ${
              queue?.kind === "work" &&
              html`<${CommandLine} text="${command} send ${quoted(name)} 'a first message'" />`
            }`}
          ${messages?.map((message, i) => html`<${Peeked} key=${i} message=${message} place=${i + 1} />`)}
          ${messages && messages.length > 0 &&
            html`<p class="caption">They stay in the queue. At most ${mostPeeked} are shown.</p>`}
        </div>
    </aside>
  `;
}

/** @param {{ message: PeekedMessage, place: number }} props */
function Peeked(
  { message: { messageId, exchange, routingKey, redelivered, headers, properties, payload }, place },
) {
  return html`
    <details class="message" open=${place === 1}>
      <summary><span class="mono"><${Text} value=${messageId || `Message ${place}`} /></span>
          ${redelivered && html`
            <span class="badge warn">redelivered</span>
          `}</summary>
      <p class="caption">from <span class="mono"><${Text} value=${exchange === ""
        ? routingKey
        : `${exchange} ${routingKey}`} /></span></p>
      <${Payload} payload=${payload} label="Body of message ${place}" />
      <h4>Headers</h4>
      <${JsonValue} value=${headers} label="Headers of message ${place}" />
      <h4>Properties</h4>
      <${JsonValue} value=${properties} label="Properties of message ${place}" />
    </details>
  `;
}
