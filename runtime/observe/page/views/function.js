// @ts-check
/// <reference lib="dom" />
/** @import { FunctionDetail, RuntimeView, SettingView, VersionView } from "../../api/views.ts" */
import { html } from "../lib/preact.js";
import { Change, Outcome, useAction } from "../parts/action.js";
import { StateBadge } from "../parts/badge.js";
import { Chart } from "../parts/chart.js";
import { amount, clock, duration, percent, plural } from "../parts/format.js";
import { Loading, Problem, untrusted } from "../parts/notice.js";
import { Text } from "../parts/text.js";
import { post } from "../state/api.js";
import { useKeys } from "../state/keys.js";
import { usePolled } from "../state/poll.js";
import { go, hashOf } from "../state/route.js";
import { Invoke } from "./invoke.js";

/** One function: how it does, its settings, and a way to send it something. @param {{ name: string, runtime: RuntimeView }} props */
export function FunctionPage({ name, runtime }) {
  const path = `/api/functions/${encodeURIComponent(name)}`;
  const { value, error, refresh } = usePolled(/** @type {string} */ (path));
  useKeys([{ keys: "Escape", does: "Back to all functions", run: () => go(hashOf("functions")) }]);
  const detail = /** @type {FunctionDetail | undefined} */ (value);
  return html`<section class="view">
    <header class="head">
      <nav aria-label="Place"><a href=${
    hashOf("functions")
  }>Functions</a> <span aria-hidden="true">/</span></nav>
      <h1 class="wrap"><${Text} value=${name} /></h1>
      ${
    detail && html`<${StateBadge} state=${detail.state} /><span class="grow"></span>
        <${PauseOrResume} detail=${detail} path=${path} trusted=${runtime.trusted} changed=${refresh} />`
  }
    </header>
    <${Problem} error=${error} />
    ${
    detail
      ? html`<${Detail} detail=${detail} path=${path} runtime=${runtime} />`
      : !error && html`<${Loading} />`
  }
  </section>`;
}

/** @param {{ detail: FunctionDetail, path: string, runtime: RuntimeView }} props */
function Detail({ detail, path, runtime }) {
  const { stats, why, description } = detail;
  const { total } = stats;
  return html`
    ${why && detail.state !== "running" && html`
      <p class="notice warn">
        <${Text} value=${why} lines />
      </p>
    `}
    ${description && html`
      <p class="description">
        <${Text} value=${description} lines />
      </p>
    `}
    <dl class="facts">
      <div>
        <dt>Trigger</dt>
        <dd>${detail.trigger} <span class="mono"><${Text} value=${detail.binding} /></span></dd>
      </div>
      ${detail.schedule && html`
        <div>
          <dt>Next tick</dt>
          <dd>${clock(detail.schedule.next)}</dd>
        </div>
        <div>
          <dt>Latest tick</dt>
          <dd>${clock(detail.schedule.latest)}</dd>
        </div>
      `}
      <div>
        <dt>Queue</dt>
        <dd class="mono"><a href=${hashOf("queues", detail.queue)}><${Text} value=${detail.queue} /></a></dd>
      </div>
      ${detail.batch && html`
        <div>
          <dt>Batches</dt>
          <dd>of up to ${amount(detail.batch.size)}, gathered for ${duration(detail.batch.wait)}</dd>
        </div>
      `}
      <div>
        <dt>File</dt>
        <dd class="mono">
          <${Text} value=${detail.file} />
        </dd>
      </div>
      <div>
        <dt>Runs</dt>
        <dd><a href=${hashOf("runs", undefined, { function: detail.name })}>see its runs</a></dd>
      </div>
    </dl>
    <div class="columns">
      <${Invoke} detail=${detail} path=${path} runtime=${runtime} />
      <div>
        <section class="card">
          <h2>Last minute</h2>
          <dl class="figures">
            <div>
              <dt>Rate</dt>
              <dd>${amount(stats.rate)}/s</dd>
            </div>
            <div>
              <dt>p50</dt>
              <dd>${duration(stats.p50)}</dd>
            </div>
            <div>
              <dt>p95</dt>
              <dd>${duration(stats.p95)}</dd>
            </div>
            <div>
              <dt>Errors</dt>
              <dd class=${stats.failing ? "is-bad" : ""}>${percent(stats.failing)}</dd>
            </div>
            <div>
              <dt>In flight</dt>
              <dd>${amount(detail.inFlight)}</dd>
            </div>
          </dl>
          <${Chart} stats=${stats} />
          <p class="caption">Since the start: ${plural(total.handled, "run")} succeeded,
            ${" "}${amount(total.failed)} failed, ${amount(total.retried)} retried, ${amount(
              total.dead,
            )} dead</p>
        </section>
        <${Versions} versions=${detail.versions} />
        <${Settings} settings=${detail.settings} />
      </div>
    </div>
  `;
}

/** @param {{ detail: FunctionDetail, path: string, trusted: boolean, changed: () => void }} props */
function PauseOrResume({ detail, path, trusted, changed }) {
  const action = useAction();
  const isPaused = detail.state === "paused";
  const verb = isPaused ? "resume" : "pause";
  const act = () => action.run(async () => void (await post(`${path}/${verb}`), changed()));
  return html`
    <div class="buttons">
      <${Outcome} action=${action} />
      <${Change} trusted=${trusted} disabled=${action.isBusy} onClick=${act}>${isPaused
        ? "Resume"
        : "Pause"}<//>
        ${!trusted && html`<span class="visually-hidden">${untrusted}</span>`}</div>
  `;
}

/** @param {{ versions: readonly VersionView[] }} props */
function Versions({ versions }) {
  return html`
    <section class="card">
      <h2>Versions</h2>
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">Code</th>
            <th scope="col">State</th>
            <th scope="col" class="number">In flight</th>
          </tr>
        </thead>
        <tbody>${versions.map(({ version, state, inFlight }) =>
          html`
            <tr key=${version}>
              <td class="mono">
                <${Text} value=${version} />
              </td>
              <td>${state}</td>
              <td class="number">${amount(inFlight)}</td>
            </tr>
          `
        )}
        </tbody>
      </table>
    </section>
  `;
}

/** What somebody has set comes first. @param {{ settings: readonly SettingView[] }} props */
function Settings({ settings }) {
  const inOrder = [...settings].sort((a, b) => Number(a.from === "default") - Number(b.from === "default"));
  return html`
    <section class="card">
      <h2>Settings</h2>
      <table class="plain settings">
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">Value</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>${inOrder.map(({ name, value, from }) =>
          html`
            <tr key=${name} class=${from === "default" ? "is-default" : ""}>
              <th scope="row">${name}</th>
              <td class="mono">
                <${Text} value=${typeof value === "string" ? value : JSON.stringify(value)} />
              </td>
              <td>
                <${Text} value=${from} />
              </td>
            </tr>
          `
        )}
        </tbody>
      </table>
    </section>
  `;
}
