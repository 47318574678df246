// @ts-check
/// <reference lib="dom" />
/** @import { FileProblem } from "../../../core/declared.ts" */
/** @import { FunctionSummary, FunctionsView } from "../../api/views.ts" */
import { html, useRef, useState } from "../lib/preact.js";
import { StateBadge } from "../parts/badge.js";
import { amount, duration, percent, plural } from "../parts/format.js";
import { List } from "../parts/list.js";
import { Empty } from "../parts/notice.js";
import { Spark } from "../parts/spark.js";
import { Text } from "../parts/text.js";
import { useKeys } from "../state/keys.js";
import { hashOf } from "../state/route.js";

/** @type {import("../parts/list.js").Column<FunctionSummary>[]} */
const columns = [
  {
    title: "Function",
    className: "name",
    cell: ({ name }) => html`<a href=${hashOf("functions", name)}><${Text} value=${name} /></a>`,
  },
  { title: "Trigger", className: "trigger wide-s", cell: ({ trigger }) => trigger },
  { title: "Binding", className: "binding mono wide-l", cell: bindingOf },
  {
    title: "State",
    className: "state",
    cell: ({ state, why }) => html`<${StateBadge} state=${state} why=${why} />`,
  },
  {
    title: "Last 60 s",
    className: "sparks wide-m",
    cell: ({ stats }) => html`<${Spark} seconds=${stats.seconds} failed=${stats.failedSeconds} />`,
  },
  { title: "Rate", className: "number", cell: ({ stats }) => `${amount(stats.rate)}/s` },
  { title: "p50", className: "number wide-m", cell: ({ stats }) => duration(stats.p50) },
  { title: "p95", className: "number wide-m", cell: ({ stats }) => duration(stats.p95) },
  {
    title: "Errors",
    className: "number",
    cell: ({ stats: { failing } }) => html`<span class=${failing ? "is-bad" : ""}>${percent(failing)}</span>`,
  },
  { title: "In flight", className: "number wide-m", cell: ({ inFlight }) => amount(inFlight) },
];

/** Functions that do not run and are explained at once. */
const mostStopped = 5;

/** All functions, with what each does now. @param {{ view: FunctionsView }} props */
export function Functions({ view: { runtime, functions, problems, notices } }) {
  const [wanted, setWanted] = useState("");
  const search = useRef(/** @type {HTMLInputElement | null} */ (null));
  const focus = () => search.current?.focus();
  useKeys([
    { keys: "/", does: "Search", run: focus },
    { keys: "f", does: "Filter", run: focus },
  ]);
  const shown = functions.filter(({ name, binding, trigger }) =>
    `${name} ${trigger} ${binding}`.toLowerCase().includes(wanted.trim().toLowerCase())
  );
  return html`<section class="view fill">
    <header class="head"><h1>Functions</h1>
      <span class="count">${plural(functions.length, "function")}</span>
      ${
    functions.length > 0 && html`
      <input ref=${search} type="search" placeholder="Filter by name or binding"
        aria-label="Filter functions" value=${wanted}
        onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) =>
          setWanted(currentTarget.value)} />
    `
  }
    </header>
    ${
    problems.length > 0 && html`<ul class="notice bad problems" aria-label="Files that are wrong">
      ${
      problems.map((problem) =>
        html`<${WrongFile} key=${problem.file + problem.message} problem=${problem} />`
      )
    }</ul>`
  }
    <${Stopped} functions=${functions} />
    ${
    notices.map((notice) =>
      html`
        <p key=${notice} class="notice">
          <${Text} value=${notice} lines />
        </p>
      `
    )
  }
    ${
    shown.length > 0
      ? html`
        <${List} label="Functions" columns=${columns} rows=${shown} keyOf=${(
          /** @type {FunctionSummary} */ { name },
        ) => name}
          hrefOf=${(/** @type {FunctionSummary} */ { name }) => hashOf("functions", name)} />
      `
      : functions.length > 0
      ? html`
        <${Empty}
          title="No function is like that">No name or binding contains “<${Text} value=${wanted} />”.<//>
      `
      : html`<${Empty} title="No functions yet" commands=${[`${runtime.command} new hello --trigger queue`]}>
        A file in the functions folder is one. Write one with this, and it is here a moment later:<//>`
  }
  </section>`;
}

/** Why functions do not run. @param {{ functions: readonly FunctionSummary[] }} props */
function Stopped({ functions }) {
  const stopped = functions.filter(({ state, why }) => state !== "running" && why !== undefined);
  if (stopped.length === 0) return null;
  return html`<ul class="notice warn problems" aria-label="Functions that do not run">
    ${
    stopped.slice(0, mostStopped).map(({ name, why }) =>
      html`<li key=${name}>
      <a href=${
        hashOf("functions", name)
      }><${Text} value=${name} /></a> <span class="fix"><${Text} value=${why} /></span></li>`
    )
  }
    ${stopped.length > mostStopped && html`<li>and ${stopped.length - mostStopped} more</li>`}</ul>`;
}

/** @param {FunctionSummary} summary */
function bindingOf({ binding, queue }) {
  return html`<${Text} value=${binding === "" || binding === "-" ? queue : binding} />`;
}

/** @param {{ problem: FileProblem }} props */
function WrongFile({ problem: { file, line, column, message, fix } }) {
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  return html`<li><code><${Text} value=${place} /></code> <${Text} value=${message} lines />
    <span class="fix"><${Text} value=${fix} lines /></span></li>`;
}
