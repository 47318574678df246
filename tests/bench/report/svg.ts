/** Results as a picture: for each case the ratios as bars, with a line from the lowest to the highest. */

import type { Entry, Report, Result } from "./result.ts";
import { describe } from "./markdown.ts";

const WIDTH = 860;
const NAMES = 280;
const ROW = 24;
const HEAD = 44;
const MARGIN = 16;
const VALUES = 60;

export function svgOf({ machine, results }: Report): string {
  const heights = results.map(({ entries }) => HEAD + entries.length * ROW + MARGIN);
  const height = heights.reduce((sum, value) => sum + value, MARGIN * 4);
  let y = MARGIN * 3;
  const charts = results.map((result, i) => {
    const drawn = chart(result, y);
    y += heights[i]!;
    return drawn;
  });
  const spoken = results.map(({ title, broker, entries }) =>
    `${title}, ${broker}: ${
      entries.map(({ title, ratio }) => `${title} ${ratio.median.toFixed(2)}`).join(", ")
    }.`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc">
<title id="title">Rates as ratios to amqplib by hand on Deno</title>
<desc id="desc">${escape(spoken.join(" "))}</desc>
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.head { font-weight: 600 }
.note { fill: #59636e; font-size: 12px }
.bar { fill: #8c959f }
.hopper { fill: #0a66c2 }
.base { stroke: #1f2328; stroke-dasharray: 3 3 }
.range { stroke: #1f2328 }
</style>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text class="note" x="${MARGIN}" y="${MARGIN * 2}">${
    escape(`Ratio to amqplib by hand on Deno (dashed line). ${describe(machine)}`)
  }</text>
${charts.join("\n")}
</svg>
`;
}

function chart({ title, broker, entries }: Result, top: number): string {
  const most = Math.max(1, ...entries.map(({ ratio }) => ratio.max));
  const x = (ratio: number) => round(NAMES + ratio / most * (WIDTH - NAMES - VALUES - MARGIN));
  const bottom = top + HEAD + entries.length * ROW;
  const bars = entries.map((entry, row) => bar(entry, top + HEAD + row * ROW, x));
  return `<g>
<text class="head" x="${MARGIN}" y="${top + 28}">${escape(`${title}, ${broker}`)}</text>
${bars.join("\n")}
<line class="base" x1="${x(1)}" x2="${x(1)}" y1="${top + HEAD - 6}" y2="${bottom}"/>
</g>`;
}

function bar({ contender, title, ratio }: Entry, y: number, x: (ratio: number) => number): string {
  const middle = y + ROW / 2;
  const kind = contender.startsWith("hopper") ? "hopper" : "bar";
  return `<text x="${NAMES - 8}" y="${middle + 4}" text-anchor="end">${escape(title)}</text>
<rect class="${kind}" x="${NAMES}" y="${y + 4}" width="${round(x(ratio.median) - NAMES)}" height="${
    ROW - 8
  }"/>
<line class="range" x1="${x(ratio.min)}" x2="${x(ratio.max)}" y1="${middle}" y2="${middle}"/>
<text x="${WIDTH - MARGIN}" y="${middle + 4}" text-anchor="end">${ratio.median.toFixed(2)}</text>`;
}

const round = (value: number) => Math.round(value * 10) / 10;

/** Text that has a meaning of its own in XML. */
export function escape(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}
