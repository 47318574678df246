// @ts-check
import { html } from "../lib/preact.js";
import { plural } from "./format.js";

const height = 20;
const step = 2;

/**
 * Runs in each of the last seconds as small bars, the failed ones in another colour.
 *
 * @param {{ seconds: readonly number[], failed: readonly number[] }} props
 */
export function Spark({ seconds, failed }) {
  const most = Math.max(1, ...seconds);
  const all = seconds.reduce((sum, count) => sum + count, 0);
  const bad = failed.reduce((sum, count) => sum + count, 0);
  const width = seconds.length * step;
  return html`
    <svg class="spark" viewBox="0 0 ${width} ${height}" width=${width} height=${height} role="img"
      aria-label="${plural(all, "run")} in the last minute, ${bad.toLocaleString("en")} failed">
      <path class="spark-base" d="M0 ${height - 0.5}h${width}" />
      <path class="spark-all" d=${barsOf(seconds, most)} />
      <path class="spark-bad" d=${barsOf(failed, most)} />
    </svg>
  `;
}

/** @param {readonly number[]} counts @param {number} most */
function barsOf(counts, most) {
  return counts.map((count, i) => {
    if (count === 0) return "";
    const high = Math.max(1.5, (count / most) * (height - 1));
    return `M${i * step} ${height}v${-high.toFixed(1)}h${step - 0.5}v${high.toFixed(1)}z`;
  }).join("");
}
