// @ts-check
/// <reference lib="dom" />
/** @import { DeadQueuesView } from "../../api/views.ts" */
/** @import { Route } from "../state/route.js" */
import { html, useRef } from "../lib/preact.js";
import { amount } from "../parts/format.js";
import { Empty, Loading, Problem } from "../parts/notice.js";
import { Text } from "../parts/text.js";
import { usePolled } from "../state/poll.js";
import { hashOf } from "../state/route.js";
import { DeadLetters } from "./dead_letters.js";

/** Milliseconds between two looks at how many there are; the broker is asked each time. */
const every = 2_000;

/** The queues of dead letters, and the letters of one. @param {{ route: Route, trusted: boolean }} props */
export function Dead({ route: { id }, trusted }) {
  const { value, error, refresh } = usePolled("/api/dead", every);
  const view = /** @type {DeadQueuesView | undefined} */ (value);
  // The queue that is shown stays when its last letter has gone.
  const first = useRef(/** @type {string | undefined} */ (undefined));
  first.current ??= view?.queues.find(({ ready }) => ready > 0)?.name;
  const chosen = id ?? first.current;
  const full = view?.queues.filter(({ ready, name }) => ready > 0 || name === chosen) ?? [];
  return html`<section class="view">
    <header class="head"><h1>Dead letters</h1></header>
    <${Problem} error=${error} />
    ${view === undefined && !error && html`<${Loading} />`}
    ${
    view !== undefined && chosen === undefined && html`<${Empty} title="No dead letters">
      A message that fails for good comes here, with its error. It is not lost: you can replay it once the function is mended.<//>`
  }
    ${
    full.length > 0 &&
    html`<nav class="tabs" aria-label="Queues of dead letters">${
      full.map(({ name, ready }) =>
        html`<a key=${name} href=${hashOf("dead", name)} aria-current=${name === chosen ? "page" : undefined}>
        <${Text} value=${name.replace(/\.dead$/, "")} /> <span class="count">${amount(ready)}</span></a>`
      )
    }</nav>`
  }
    ${
    chosen !== undefined &&
    html`<${DeadLetters} key=${chosen} queue=${chosen} ready=${
      full.find(({ name }) => name === chosen)?.ready
    } trusted=${trusted} changed=${refresh} />`
  }
  </section>`;
}
