// @ts-check
/// <reference lib="dom" />
/** @import { FunctionsView } from "../../api/views.ts" */
import { html, useState } from "../lib/preact.js";
import { ago, clock } from "../parts/format.js";
import { Text } from "../parts/text.js";
import { chooseTheme, chosenTheme, themes } from "../state/theme.js";

const kept = {
  true: "those of all runs",
  failed: "those of failed runs",
  false: "none",
};

/** The runtime, and how this page looks. @param {{ view: FunctionsView }} props */
export function Settings({ view: { runtime } }) {
  const { version, broker, started, missing, trusted, keepPayloads } = runtime;
  return html`
    <section class="view narrow">
      <header class="head">
        <h1>Settings</h1>
      </header>
      <section class="card">
        <h2>Runtime</h2>
        <dl class="facts">
          <div>
            <dt>Version</dt>
            <dd>${version}</dd>
          </div>
          <div>
            <dt>Broker</dt>
            <dd class="mono">
              <${Text} value=${broker} />
            </dd>
          </div>
          <div>
            <dt>Started</dt>
            <dd title=${started}>${clock(started)}, ${ago(started)}</dd>
          </div>
          <div>
            <dt>Ready</dt>
            <dd>${missing.length === 0
              ? html`<span class="badge good">ready</span>`
              : html`<span class="badge bad">not ready</span><ul>${
                missing.map((each) =>
                  html`
                    <li key=${each}>
                      <${Text} value=${each} />
                    </li>
                  `
                )
              }</ul>`}</dd>
          </div>
          <div>
            <dt>Payloads kept</dt>
            <dd>${kept[/** @type {keyof typeof kept} */ (String(keepPayloads))]}
              <span class="caption"> (<code>keepPayloads</code> in deploy.config.ts)</span></dd>
          </div>
        </dl>
      </section>
      <section class="card"><h2>Token</h2>
          ${trusted
            ? html`<p>This browser has the token: it sees payloads, and can change things.</p>`
            : html`
              <p>This browser does not have the token: payloads are hidden, and nothing can be changed.</p>
              <${Token} />
            `}
        </section>
      <section class="card">
        <h2>Theme</h2>
        <${Themes} />
      </section>
      <section class="card">
        <h2>For programs</h2>
        <ul class="links">
          <li><a href="/metrics">/metrics</a> for Prometheus</li>
          <li><a href="/healthz">/healthz</a> and <a href="/readyz">/readyz</a> for probes</li>
          <li><a href="/api/functions">/api/functions</a> and the rest of what this page shows, as JSON</li>
        </ul>
      </section>
    </section>
  `;
}

function Token() {
  const [token, setToken] = useState("");
  const use = (/** @type {Event} */ event) => {
    event.preventDefault();
    location.href = `/?token=${encodeURIComponent(token.trim())}`;
  };
  return html`
    <form class="row" onSubmit=${use}>
      <input type="password" aria-label="Token" autocomplete="off" placeholder="Token" value=${token}
        onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) =>
          setToken(currentTarget.value)} />
      <button type="submit" class="primary" disabled=${token.trim() === ""}>Use it</button>
    </form>
    <p
      class="caption">It is in the address that <code>hopper run</code> printed at its start, and in <code>.hopper/admin.json</code>.</p>
  `;
}

function Themes() {
  const [theme, setTheme] = useState(chosenTheme());
  return html`<fieldset class="choices"><legend class="visually-hidden">Theme</legend>${
    themes.map((each) =>
      html`<label key=${each} class="check">
    <input type="radio" name="theme" checked=${
        theme === each
      } onChange=${() => (chooseTheme(each), setTheme(each))} /> ${each}</label>`
    )
  }</fieldset>`;
}
