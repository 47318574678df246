// @ts-check
/** @import { RunDetail, RunSummary } from "../../api/views.ts" */
import { html } from "../lib/preact.js";
import { StatusBadge } from "../parts/badge.js";
import { clock, duration } from "../parts/format.js";
import { Text } from "../parts/text.js";

/** The shortest bar, in percent. */
const least = 0.6;

/**
 * The runs of one message as bars on a line of time: where each waited, and where it ran.
 *
 * @param {{ run: RunDetail, hrefOf: (id: string) => string }} props
 */
export function Attempts({ run, hrefOf }) {
  const { attempts } = run;
  const times = attempts.map(timesOf);
  const start = Math.min(...times.map(({ queued }) => queued));
  const end = Math.max(start + 1, ...times.map((each) => each.end));
  const at = (/** @type {number} */ time) => (100 * (time - start)) / (end - start);
  return html`
    <section>
      <h3>Attempts <span class="caption">${duration(end - start)} in all</span></h3>
      <ol class="timeline">${attempts.map((attempt, i) => {
        const { queued, started, end: ended } = /** @type {ReturnType<typeof timesOf>} */ (times[i]);
        const left = Math.min(100 - least, at(started));
        return html`<li key=${attempt.id} class=${attempt.id === run.id ? "current" : ""}>
      <a href=${hrefOf(attempt.id)} aria-current=${
          attempt.id === run.id ? "true" : undefined
        }>Attempt ${attempt.attempt}</a>
      <span class="track" aria-hidden="true">
        <i class="waited" style=${{
          left: `${at(queued)}%`,
          width: `${Math.max(0, left - at(queued))}%`,
        }}></i>
        <i class="ran ${attempt.status}" style=${{
          left: `${left}%`,
          width: `${Math.max(least, at(ended) - left)}%`,
        }}></i>
      </span>
      <span class="took">${duration(attempt.ms)}</span><${StatusBadge} status=${attempt.status} />
      ${
          attempt.error && attempt.id !== run.id &&
          html`<span class="why"><${Text} value=${attempt.error} /></span>`
        }
      <span class="visually-hidden">began ${clock(attempt.started)}</span>
    </li>`;
      })}</ol>
    </section>
  `;
}

/** @param {RunSummary} run */
function timesOf({ queued, started, ended }) {
  const from = Date.parse(queued);
  const began = started === undefined ? from : Date.parse(started);
  return {
    queued: from,
    started: began,
    end: ended === undefined ? Date.now() : Math.max(began, Date.parse(ended)),
  };
}
