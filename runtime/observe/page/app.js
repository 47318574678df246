// @ts-check
/// <reference lib="dom" />
/** @import { FunctionsView, RuntimeView } from "../api/views.ts" */
import { html, useEffect, useErrorBoundary, useState } from "./lib/preact.js";
import { plural } from "./parts/format.js";
import { Loading, Problem } from "./parts/notice.js";
import { Text } from "./parts/text.js";
import { visibleText } from "./parts/visible.js";
import { listenToKeys, useKeys } from "./state/keys.js";
import { useLink } from "./state/link.js";
import { usePolled } from "./state/poll.js";
import { go, hashOf, useRoute } from "./state/route.js";
import { switchTheme } from "./state/theme.js";
import { Dead } from "./views/dead.js";
import { FunctionPage } from "./views/function.js";
import { Functions } from "./views/functions.js";
import { Help } from "./views/help.js";
import { Queues } from "./views/queues.js";
import { Runs } from "./views/runs.js";
import { Settings } from "./views/settings.js";
import { Topology } from "./views/topology.js";

const views = [
  { id: "functions", title: "Functions", key: "f" },
  { id: "runs", title: "Runs", key: "r" },
  { id: "queues", title: "Queues", key: "q" },
  { id: "dead", title: "Dead letters", key: "d" },
  { id: "topology", title: "Topology", key: "t" },
  { id: "settings", title: "Settings", key: "s" },
];

/** Milliseconds between two questions about the runtime where the view itself shows nothing of the answer. */
const seldom = 5_000;

/** The whole page. */
export function App() {
  const route = useRoute();
  const isFunctions = route.view === "functions" && route.id === undefined;
  const { value, error } = usePolled("/api/functions", isFunctions ? 1_000 : seldom);
  const view = /** @type {FunctionsView | undefined} */ (value);
  const { isGone } = useLink();
  const [isHelping, help] = useState(false);
  useKeys([
    { keys: "?", does: "Show the keys", run: () => help(true) },
    ...views.map(({ id, title, key }) => ({ keys: `g ${key}`, does: title, run: () => go(hashOf(id)) })),
  ]);
  useEffect(listenToKeys, []);
  const title = views.find(({ id }) => id === route.view)?.title ?? "Functions";
  useEffect(() => {
    document.title = `${route.id === undefined ? "" : `${visibleText(route.id)} · `}${title} · Hopper`;
  }, [title, route.id]);
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
        <header class="top">
      <a class="brand" href="#/functions"><img src="/page/icon.svg" alt="" width="22" height="22" />Hopper</a>
      <${Condition} runtime=${view?.runtime} isGone=${isGone} />
      <span class="grow"></span>
      <button type="button" class="quiet icon" aria-label="Switch between light and dark" title="Light or dark"
        onClick=${switchTheme}>◐</button>
      <button type="button" class="quiet icon" aria-label="Keys" title="Keys (?)" onClick=${() =>
        help(true)}>?</button>
    </header>
        <nav class="side" aria-label="Views">${views.map(({ id, title }) =>
          html`<a key=${id} class="to-${id}" href=${hashOf(id)} aria-current=${
            id === route.view ? "page" : undefined
          }>${title}</a>`
        )}</nav>
        <main id="main" tabindex="-1">
          ${isGone &&
            html`<p class="banner" role="alert">The runtime does not answer. The page goes on by itself when it is back.</p>`}
          ${view && view.runtime.missing.length > 0 && !isGone &&
            html`<p class="banner warn" role="status">Not ready: <${Text} value=${
              view.runtime.missing.join("; ")
            } /></p>`}
          ${view === undefined
            ? error && !isGone ? html`<${Problem} error=${error} />` : html`<${Loading} />`
            : html`<${View} key=${route.view} route=${route} view=${view} />`}
        </main>
        ${isHelping && html`<${Help} onClose=${() => help(false)} />`}
  `;
}

/** One view. A fault in it does not take the others with it. @param {{ route: ReturnType<typeof useRoute>, view: FunctionsView }} props */
function View({ route, view }) {
  const [fault, again] = useErrorBoundary();
  if (fault) {
    return html`<div class="notice bad" role="alert"><b>This view has failed</b>
      <${Text} value=${
      String(fault)
    } /> <button type="button" class="small" onClick=${again}>Try again</button></div>`;
  }
  const { runtime } = view;
  switch (route.view) {
    case "runs":
      return html`<${Runs} route=${route} view=${view} />`;
    case "queues":
      return html`<${Queues} route=${route} runtime=${runtime} />`;
    case "dead":
      return html`<${Dead} route=${route} trusted=${runtime.trusted} />`;
    case "topology":
      return html`<${Topology} command=${runtime.command} />`;
    case "settings":
      return html`<${Settings} view=${view} />`;
    default:
      return route.id === undefined
        ? html`<${Functions} view=${view} />`
        : html`<${FunctionPage} key=${route.id} name=${route.id} runtime=${runtime} />`;
  }
}

/** How the runtime is, in a few words. @param {{ runtime: RuntimeView | undefined, isGone: boolean }} props */
function Condition({ runtime, isGone }) {
  if (isGone) return html`<span class="badge bad">no answer</span>`;
  if (runtime === undefined) return null;
  const { broker, missing, trusted } = runtime;
  return html`<span class="condition">
    <span class="badge ${missing.length === 0 ? "good" : "bad"}" title=${
    visibleText(missing.join("\n"), true) || "The broker is connected"
  }>
      ${missing.length === 0 ? "ready" : `${plural(missing.length, "thing")} missing`}</span>
    <span class="mono broker"><${Text} value=${broker} /></span>
    ${
    !trusted &&
    html`<a class="badge quiet" href="#/settings" title="Payloads are hidden, and nothing can be changed">read only</a>`
  }
  </span>`;
}

/** The address stays as it is, because it says which view is shown. @param {Event} event */
function skip(event) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
