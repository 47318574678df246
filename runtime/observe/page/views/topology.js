// @ts-check
/// <reference lib="dom" />
/** @import { TopologyView } from "../../api/views.ts" */
/** @import { Box, Edge, Layout } from "./topology_layout.js" */
import { html } from "../lib/preact.js";
import { amount } from "../parts/format.js";
import { Empty, Loading, Problem } from "../parts/notice.js";
import { Text } from "../parts/text.js";
import { visibleText } from "../parts/visible.js";
import { usePolled } from "../state/poll.js";
import { hashOf } from "../state/route.js";
import { layOut } from "./topology_layout.js";

/** The width of a character of titles, and of what is below them, in pixels. */
const wide = 7.3;
const small = 5.7;

/** How messages come to functions: exchange, binding, queue, function. @param {{ command: string }} props */
export function Topology({ command }) {
  const { value, error } = usePolled("/api/topology");
  const view = /** @type {TopologyView | undefined} */ (value);
  return html`<section class="view">
    <header class="head"><h1>Topology</h1>${view && html`<${Legend} />`}</header>
    <${Problem} error=${error} />
    ${
    view === undefined
      ? !error && html`<${Loading} />`
      : view.functions.length === 0 && view.exchanges.length === 0
      ? html`<${Empty} title="Nothing to draw yet" commands=${[`${command} new audit --trigger topic`]}>
        Functions bring exchanges, bindings and queues along:<//>`
      : html`
        <${Drawing} layout=${layOut(view)} />
        <${Table} view=${view} />
      `
  }
  </section>`;
}

function Legend() {
  return html`
    <span
      class="legend caption"><i class="busy-line"></i> messages flow <i class="warn-box"></i> no queue bound, or no consumer</span>
  `;
}

/** @param {{ layout: Layout }} props */
function Drawing({ layout: { width, height, exchanges, bindings, queues, functions, edges } }) {
  return html`
    <div class="drawing" tabindex="0" role="region"
      aria-label="Drawing of the topology; the table below says the same">
      <svg viewBox="0 0 ${width} ${height}" width=${width} height=${height} role="group"
        aria-label="Topology">
          ${edges.map((edge, i) =>
            html`<path key=${i} class="edge ${edge.isBusy ? "busy" : ""}" d=${curveOf(edge)} />`
          )}
          ${exchanges.map(({ box, exchange: { name, type, unbound, unrouted, emitters } }) =>
            html`
              <${Node} key=${name} box=${box} kind="exchange"
                isMarked=${unbound || unrouted > 0} title=${name || "(default exchange)"}
                detail=${[
                  type,
                  ...unbound ? ["no queue bound"] : [],
                  ...unrouted > 0 ? [`${amount(unrouted)} unrouted`] : [],
                  ...emitters.length > 0 ? [`from ${emitters.join(", ")}`] : [],
                ].join(" · ")} />
            `
          )}
          ${bindings.map(({ box, key }, i) =>
            html`
              <g key=${i} class="key">
                <rect ...${placeOf(box)} rx="12" />
                <text x=${box.x + box.width / 2} y=${box.y + 16} text-anchor="middle">${fitted(
                  key === "" ? "(no key)" : key,
                  box,
                )}<title>${visibleText(key)}</title></text>
              </g>
            `
          )}
          ${queues.map(({ box, queue: { name, ready, unacked, unconsumed }, dead, retrying }) =>
            html`
              <${Node} key=${name} box=${box} kind="queue"
                href=${hashOf("queues", name)} isMarked=${unconsumed} title=${name}
                detail=${[
                  `${amount(ready)} ready`,
                  `${amount(unacked)} unacked`,
                  ...retrying > 0 ? [`${amount(retrying)} retrying`] : [],
                  ...dead > 0 ? [`${amount(dead)} dead`] : [],
                  ...unconsumed ? ["no consumer"] : [],
                ].join(" · ")} />
            `
          )}
          ${functions.map(({ box, fn: { name, state } }) =>
            html`
              <${Node} key=${name} box=${box} kind="function"
                href=${hashOf(
                  "functions",
                  name,
                )} isMarked=${state !== "running"} title=${name} detail=${state.replace("-", " ")} />
            `
          )}
        </svg>
    </div>
  `;
}

/** @param {{ box: Box, kind: string, title: string, detail: string, isMarked: boolean, href?: string }} props */
function Node({ box, kind, title, detail, isMarked, href }) {
  const drawn = html`
    <rect ...${placeOf(box)} rx="6" />
    <text class="title" x=${box.x + 10} y=${box.y + 19}>${fitted(title, box)}</text>
    <text class="detail" x=${box.x + 10} y=${box.y + 36}>${fitted(detail, box, small)}</text>
  `;
  return html`<g class="node ${kind} ${isMarked ? "marked" : ""}">
    <title>${visibleText(`${title}\n${detail}`, true)}</title>${
    href ? html`<a href=${href}>${drawn}</a>` : drawn
  }</g>`;
}

/** @param {Box} box */
function placeOf({ x, y, width, height }) {
  return { x, y, width, height };
}

/** @param {Edge} edge */
function curveOf({ from, to }) {
  const [x1, y1] = [from.x + from.width, from.y + from.height / 2];
  const [x2, y2] = [to.x, to.y + to.height / 2];
  const half = (x2 - x1) / 2;
  return `M${x1} ${y1}C${x1 + half} ${y1} ${x2 - half} ${y2} ${x2} ${y2}`;
}

/** As much of a text as fits a box. @param {string} text @param {Box} box @param {number} [character] */
function fitted(text, { width }, character = wide) {
  const shown = visibleText(text);
  const most = Math.floor((width - 20) / character);
  return shown.length <= most ? shown : `${shown.slice(0, most - 1)}…`;
}

/** The same for those who do not see the drawing. @param {{ view: TopologyView }} props */
function Table({ view: { exchanges, bindings, queues, functions } }) {
  const rows = queues.filter(({ kind }) => kind === "work").flatMap((queue) => {
    const own = bindings.filter((binding) => binding.queue === queue.name);
    const users = functions.filter((fn) => fn.queue === queue.name).map(({ name, state }) =>
      `${name} (${state})`
    ).join(", ");
    return (own.length > 0 ? own : [{ exchange: "", key: queue.name }]).map((binding) => ({
      binding,
      queue,
      users,
    }));
  });
  const lonely = exchanges.filter(({ unbound }) => unbound);
  return html`
    <details class="as-table">
      <summary>As a table</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Topology as a table">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Exchange</th>
              <th scope="col">Key</th>
              <th scope="col">Queue</th>
              <th scope="col" class="number">Ready</th>
              <th scope="col" class="number">Unacked</th>
              <th scope="col">Consumed</th>
              <th scope="col">Function</th>
            </tr>
          </thead>
          <tbody>
            ${rows.map(({ binding: { exchange, key }, queue, users }, i) =>
              html`
                <tr key=${i}>
                  <td>
                    <${Text} value=${exchange || "(default)"} />
                  </td>
                  <td class="mono">
                    <${Text} value=${key} />
                  </td>
                  <td class="mono">
                    <${Text} value=${queue.name} />
                  </td>
                  <td class="number">${amount(queue.ready)}</td>
                  <td class="number">${amount(queue.unacked)}</td>
                  <td>${queue.unconsumed ? "no consumer" : "yes"}</td>
                  <td>
                    <${Text} value=${users} />
                  </td>
                </tr>
              `
            )}
            ${lonely.map(({ name }) =>
              html`
                <tr key=${name}>
                  <td>
                    <${Text} value=${name} />
                  </td>
                  <td colspan="6">no queue is bound to it</td>
                </tr>
              `
            )}
          </tbody>
        </table>
      </div>
    </details>
  `;
}
