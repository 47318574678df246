// @ts-check
/// <reference lib="dom" />
/** @import { FunctionsView, RunSummary } from "../../api/views.ts" */
/** @import { Route } from "../state/route.js" */
import { html, useMemo, useRef } from "../lib/preact.js";
import { StatusBadge } from "../parts/badge.js";
import { firstCommand } from "../parts/commands.js";
import { ago, bytes, clock, plural } from "../parts/format.js";
import { List } from "../parts/list.js";
import { Empty, Loading, Problem } from "../parts/notice.js";
import { durationOf, sourceOf } from "../parts/run_cells.js";
import { Text } from "../parts/text.js";
import { useKeys } from "../state/keys.js";
import { useLiveRuns } from "../state/live_runs.js";
import { go, hashesOf, hashOf, replaceRoute } from "../state/route.js";
import { Run } from "./run.js";
import { RunFilters } from "./run_filters.js";

const filters = ["function", "status", "since", "search"];

/** All runs, the latest first, and one of them. @param {{ route: Route, view: FunctionsView }} props */
export function Runs({ route, view }) {
  const { id, query } = route;
  const live = useLiveRuns(queryFor(query));
  const scroller = useRef(/** @type {HTMLElement | null} */ (null));
  const filter = query.toString();
  const hrefOf = useMemo(() => hashesOf("runs", query), [filter]);
  const columns = useMemo(() => columnsFor(hrefOf), [filter]);
  const close = () => go(hashOf("runs", undefined, query));
  useKeys(id === undefined ? [] : [{ keys: "Escape", does: "Close the run", run: close }]);
  if (live === undefined) return null;
  const { list: { runs }, waiting, kept, error, isLoaded } = live;
  const toTop = () => scroller.current?.querySelector(".list")?.scrollTo({ top: 0 });
  const isFiltered = [...query].length > 0;
  return html`<section class="view fill split ${id === undefined ? "" : "open"}">
    <div class="main" ref=${scroller}>
      <header class="head"><h1>Runs</h1>
        <span class="count" title=${kept && `${bytes(kept.bytes)} kept, the oldest ${ago(kept.oldest)}`}>
          ${kept && `${plural(kept.runs, "run")} kept`}</span>
        <${RunFilters} query=${query} functions=${view.functions.map(({ name }) => name)}
          onChange=${(/** @type {URLSearchParams} */ changed) => replaceRoute(hashOf("runs", id, changed))} />
      </header>
      <${Problem} error=${error} />
      ${
    waiting > 0 &&
    html`<button type="button" class="newer" onClick=${toTop}>↑ ${
      waiting >= 100 ? "100 or more" : waiting
    } new</button>`
  }
      ${
    !isLoaded ? !error && html`<${Loading} />` : runs.length > 0
      ? html`
        <${List} key=${filter} label="Runs" columns=${columns} rows=${runs} keyOf=${keyOf}
          current=${id}
          hrefOf=${(/** @type {RunSummary} */ run) => hrefOf(run.id)}
          onMove=${(/** @type {RunSummary} */ run) => id !== undefined && replaceRoute(hrefOf(run.id))}
          onEnd=${() => live.older()} onScroll=${(/** @type {boolean} */ isAtTop) => live.stayAtTop(isAtTop)}
          onSeen=${(/** @type {readonly string[]} */ keys) => live.see(keys)} />
      `
      : isFiltered
      ? html`<${Empty} title="No run is like that"><button type="button" onClick=${() =>
        go("#/runs")}>Show all runs</button><//>`
      : html`<${Empty} title="No runs yet" commands=${firstCommands(view)}>
          Each message that a function gets is a run. Send one, and it is here at once:<//>`
  }
    </div>
    ${
    id !== undefined && html`
      <${Run} key=${id} id=${id} trusted=${view.runtime.trusted} onClose=${close}
        hrefOf=${hrefOf} />
    `
  }
  </section>`;
}

/** @param {RunSummary} run */
const keyOf = ({ id }) => id;

/** What the API is asked, for what the address bar says. @param {URLSearchParams} query */
function queryFor(query) {
  const asked = filters.flatMap((name) => {
    const value = query.get(name) ?? "";
    return value === "" ? [] : [[name, value]];
  });
  return new URLSearchParams(asked).toString();
}

/** @param {(id: string) => string} hrefOf @returns {import("../parts/list.js").Column<RunSummary>[]} */
function columnsFor(hrefOf) {
  return [
    { title: "Status", className: "status", cell: ({ status }) => html`<${StatusBadge} status=${status} />` },
    {
      title: "Function",
      className: "name function",
      cell: ({ id, function: name }) => html`<a href=${hrefOf(id)}><${Text} value=${name} /></a>`,
    },
    { title: "Run", className: "run", cell: runOf },
    { title: "Trigger", className: "source mono wide-l", cell: sourceOf },
    {
      title: "Queued",
      className: "time wide-m",
      cell: ({ queued }) => html`<time datetime=${queued}>${clock(queued)}</time>`,
    },
    {
      title: "Started",
      className: "time wide-s",
      cell: ({ started }) => html`<time datetime=${started}>${clock(started)}</time>`,
    },
    { title: "Duration", className: "number", cell: durationOf },
    { title: "Attempt", className: "number attempt wide-m", cell: ({ attempt }) => attempt },
  ];
}

/** The end of an id is what differs in one runtime, and is always shown. @param {RunSummary} run */
function runOf({ id, error }) {
  const at = id.lastIndexOf("-");
  return html`
    <span
      class="run-cell"><span class="run-id mono" title=${id}><span>${id.slice(0, Math.max(0, at))}</span>${id
        .slice(Math.max(0, at))}</span>${error &&
        html`<span class="run-error"><${Text} value=${error} /></span>`}</span>
  `;
}

/** A command that sends the first function something, or makes a function. @param {FunctionsView} view */
function firstCommands({ runtime: { command }, functions: [first] }) {
  return [first === undefined ? `${command} new hello --trigger queue` : firstCommand(command, first)];
}
