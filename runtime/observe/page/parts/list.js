// @ts-check
/// <reference lib="dom" />
import { html, useEffect, useLayoutEffect, useRef, useState } from "../lib/preact.js";
import { go } from "../state/route.js";
import { useKeys } from "../state/keys.js";

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: Row) => unknown} cell
 * @property {string} [className] Of its cells and of its heading.
 */

/** The height of a row in pixels, as in page.css. */
const rowHeight = 34;
/** Rows that are drawn above and below those that are seen. */
const margin = 12;
/** Further rows are asked for when this many are left below. */
const near = 100;

/**
 * A table of which only the rows that are seen are drawn, so that ten thousand cost no more than fifty. `j` and `k` go
 * through the rows, Enter opens one.
 *
 * @template Row
 * @param {object} props
 * @param {string} props.label
 * @param {readonly Column<Row>[]} props.columns
 * @param {readonly Row[]} props.rows
 * @param {(row: Row) => string} props.keyOf
 * @param {(row: Row) => string} props.hrefOf Where a row leads.
 * @param {string} [props.current] The key of the row that is open.
 * @param {(row: Row) => void} [props.onMove] Called when the keyboard goes to a row.
 * @param {() => void} [props.onEnd] Called when the end is nearly seen.
 * @param {(isAtTop: boolean) => void} [props.onScroll]
 * @param {(keys: readonly string[]) => void} [props.onSeen]
 */
export function List({ label, columns, rows, keyOf, hrefOf, current, onMove, onEnd, onScroll, onSeen }) {
  const scroller = useRef(/** @type {HTMLElement | null} */ (null));
  const [seen, setSeen] = useState({ top: 0, height: 1_000 });
  const [cursor, setCursor] = useState(current);
  // Keys may come faster than the page is drawn, and each goes on from the one before.
  const place = useRef(current);
  const wanted = useRef(/** @type {string | undefined} */ (undefined));
  const first = Math.max(0, Math.floor(seen.top / rowHeight) - margin);
  const last = Math.min(rows.length, Math.ceil((seen.top + seen.height) / rowHeight) + margin);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    let frame = 0;
    const measure = () => {
      frame = 0;
      setSeen({ top: element.scrollTop, height: element.clientHeight });
    };
    const changed = () => void (frame ||= requestAnimationFrame(measure));
    element.addEventListener("scroll", changed, { passive: true });
    const sizes = new ResizeObserver(changed);
    sizes.observe(element);
    measure();
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener("scroll", changed);
      sizes.disconnect();
    };
  }, []);
  useEffect(() => onScroll?.(seen.top < rowHeight), [seen.top < rowHeight]);
  useEffect(() => {
    if (last >= rows.length - near) onEnd?.();
    onSeen?.(rows.slice(first, last).map(keyOf));
  }, [first, last, rows]);
  useEffect(() => {
    place.current = current ?? place.current;
    setCursor(place.current);
  }, [current]);
  useEffect(() => {
    if (wanted.current === undefined) return;
    const link = scroller.current?.querySelector(`tr[data-key="${CSS.escape(wanted.current)}"] a`);
    if (!(link instanceof HTMLElement)) return;
    wanted.current = undefined;
    link.focus({ preventScroll: true });
  });

  const move = (/** @type {number} */ step) => {
    const at = rows.findIndex((row) => keyOf(row) === place.current);
    const next = Math.min(
      rows.length - 1,
      Math.max(0, at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step),
    );
    const row = rows[next];
    const element = scroller.current;
    if (row === undefined || element === null) return;
    // The heading covers one row.
    const least = (next + 2) * rowHeight - element.clientHeight;
    element.scrollTop = Math.max(least, Math.min(element.scrollTop, next * rowHeight));
    setSeen({ top: element.scrollTop, height: element.clientHeight });
    wanted.current = place.current = keyOf(row);
    setCursor(place.current);
    onMove?.(row);
  };
  useKeys([
    { keys: "j", does: "Next row", run: () => move(1) },
    { keys: "k", does: "Previous row", run: () => move(-1) },
  ]);

  return html`
    <div class="list" ref=${scroller}>
      <table aria-label=${label} aria-rowcount=${rows.length + 1}>
        <thead>
          <tr aria-rowindex="1">${columns.map(({ title, className }) =>
            html`<th key=${title} scope="col" class=${className}>${title}</th>`
          )}</tr>
        </thead>
        <tbody>
            <${Gap} rows=${first} />
            ${rows.slice(first, last).map((row, i) => {
              const key = keyOf(row);
              const name = `${key === current ? "current " : ""}${key === cursor ? "cursor" : ""}`;
              return html`
                <${Row} key=${key} id=${key} index=${first + i + 2} className=${name} row=${row}
                  columns=${columns}
                  href=${hrefOf(row)} />
              `;
            })}
            <${Gap} rows=${rows.length - last} />
          </tbody>
      </table>
    </div>
  `;
}

/**
 * @template T
 * @param {{ id: string, index: number, className: string, row: T, columns: readonly Column<T>[], href: string }} props
 */
function Row({ id, index, className, row, columns, href }) {
  const open = (/** @type {MouseEvent} */ event) => {
    const isText = getSelection()?.isCollapsed === false;
    const isOther = event.target instanceof Element &&
      event.target.closest("a, button, input, label") !== null;
    if (!isText && !isOther && !event.ctrlKey && !event.metaKey) go(href);
  };
  return html`<tr data-key=${id} aria-rowindex=${index} class=${className} onClick=${open}>
    ${
    columns.map(({ title, cell, className }) => html`<td key=${title} class=${className}>${cell(row)}</td>`)
  }
  </tr>`;
}

/** The place of rows that are not drawn. @param {{ rows: number }} props */
function Gap({ rows }) {
  if (rows <= 0) return null;
  return html`
    <tr class="gap" aria-hidden="true">
      <td style=${{ height: `${rows * rowHeight}px` }}></td>
    </tr>
  `;
}
