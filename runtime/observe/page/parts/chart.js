// @ts-check
/// <reference lib="dom" />
/** @import { FunctionStats } from "../../api/views.ts" */
import { html, useEffect, useRef } from "../lib/preact.js";
import uPlot from "../lib/uplot.js";
import { onTheme } from "../state/theme.js";
import { plural } from "./format.js";

const height = 150;

/** The runs of the last minute, second by second. @param {{ stats: FunctionStats }} props */
export function Chart({ stats }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  const chart = useRef(/** @type {uPlot | undefined} */ (undefined));
  const { seconds, failedSeconds } = stats;
  const data = dataOf(seconds, failedSeconds);
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const draw = () => {
      chart.current?.destroy();
      chart.current = new uPlot(optionsFor(element), latest.current, element);
    };
    const sizes = new ResizeObserver(() => chart.current?.setSize({ width: element.clientWidth, height }));
    draw();
    sizes.observe(element);
    const stop = onTheme(draw);
    return () => {
      stop();
      sizes.disconnect();
      chart.current?.destroy();
    };
  }, []);
  useEffect(() => chart.current?.setData(data), [seconds.join(), failedSeconds.join()]);
  const all = seconds.reduce((sum, count) => sum + count, 0);
  const failed = failedSeconds.reduce((sum, count) => sum + count, 0);
  return html`
    <figure class="chart">
      <div ref=${place} aria-hidden="true"></div>
      <figcaption>Runs a second in the last minute: ${plural(all, "run")}, ${failed.toLocaleString(
        "en",
      )} failed</figcaption>
    </figure>
  `;
}

/** @param {readonly number[]} seconds @param {readonly number[]} failed @returns {uPlot.AlignedData} */
function dataOf(seconds, failed) {
  return [seconds.map((_, i) => i - seconds.length + 1), [...seconds], [...failed]];
}

/** @param {HTMLElement} element @returns {uPlot.Options} */
function optionsFor(element) {
  const style = getComputedStyle(element);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const resolved = (/** @type {string} */ name) => resolve(element, colour(name));
  const axis = {
    stroke: resolved("--quiet"),
    grid: { stroke: resolved("--line"), width: 1 },
    ticks: { show: false },
    font: `11px ${style.fontFamily}`,
  };
  const bars = /** @type {uPlot.Series.BarsPathBuilderFactory} */ (uPlot.paths.bars)({ size: [0.8, 12] });
  const series = (/** @type {string} */ label, /** @type {string} */ name) => ({
    label,
    fill: resolved(name),
    stroke: resolved(name),
    width: 0,
    paths: bars,
    points: { show: false },
  });
  return {
    width: Math.max(200, element.clientWidth),
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false }, y: { range: (_chart, _least, most) => [0, Math.max(1, most)] } },
    axes: [
      { ...axis, size: 24, values: (_chart, at) => at.map((second) => second === 0 ? "now" : `${second} s`) },
      { ...axis, size: 36, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000] },
    ],
    series: [{}, series("runs", "--accent"), series("failed", "--bad")],
  };
}

/** A colour as a canvas understands it: `light-dark()` is only for style sheets. @param {HTMLElement} element @param {string} colour */
function resolve(element, colour) {
  const probe = document.createElement("span");
  probe.style.color = colour;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
