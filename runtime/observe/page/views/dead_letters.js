// @ts-check
/// <reference lib="dom" />
/** @import { DeadChange, DeadLetterView, DeadView } from "../../api/views.ts" */
import { html, useEffect, useRef, useState } from "../lib/preact.js";
import { Change, Outcome, useAction } from "../parts/action.js";
import { Confirm } from "../parts/dialog.js";
import { ago, plural } from "../parts/format.js";
import { Hidden, Loading, Problem } from "../parts/notice.js";
import { JsonValue, Payload } from "../parts/payload.js";
import { Text } from "../parts/text.js";
import { visibleText } from "../parts/visible.js";
import { post } from "../state/api.js";
import { useKeys } from "../state/keys.js";
import { usePolled } from "../state/poll.js";
import { hashOf } from "../state/route.js";

/** Letters that are shown at once. */
const most = 100;
/** Milliseconds that a new count has to last until the letters are looked at again: looking changes it for a moment. */
const settle = 2_500;

/** Which letters something is done to: all that are in the queue, or these. @typedef {{ all: true } | { ids: readonly string[] }} Which */

/**
 * The letters of one queue, by error. They are looked at only when there are more or fewer: the broker takes each out and
 * puts it back, and some count that as a failed delivery.
 *
 * @param {{ queue: string, ready: number | undefined, trusted: boolean, changed: () => void }} props
 */
export function DeadLetters({ queue, ready, trusted, changed }) {
  const path = `/api/dead/${encodeURIComponent(queue)}`;
  const { value, error, refresh } = usePolled(`${path}?max=${most}`, Infinity);
  const view = /** @type {DeadView | undefined} */ (value);
  const [chosen, setChosen] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
  const [purging, setPurging] = useState(/** @type {Which | undefined} */ (undefined));
  const action = useAction();
  const shown = view?.ready;
  useEffect(() => {
    if (shown === undefined || ready === undefined || ready === shown) return;
    const timer = setTimeout(refresh, settle);
    return () => clearTimeout(timer);
  }, [ready, shown]);
  const change = (/** @type {"replay" | "purge"} */ verb, /** @type {Which} */ which) =>
    action.run(async () => {
      const { done } = /** @type {DeadChange} */ (await post(`${path}/${verb}`, JSON.stringify(which)));
      setChosen(new Set());
      refresh();
      changed();
      return verb === "replay"
        ? `${plural(done, "letter")} went back to the queue`
        : `${plural(done, "letter")} purged`;
    });
  const present = view?.letters.map(({ messageId }) => messageId) ?? [];
  const ids = present.filter((id) => chosen.has(id));
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  useKeys([
    { keys: "j", does: "Next row", run: () => focusNext(list.current, 1) },
    { keys: "k", does: "Previous row", run: () => focusNext(list.current, -1) },
    {
      keys: "r",
      does: "Replay the chosen letters",
      run: () => void (trusted && ids.length > 0 && change("replay", { ids })),
    },
  ]);
  const choose = (/** @type {readonly string[]} */ which, /** @type {boolean} */ isChosen) => {
    const next = new Set(chosen);
    for (const id of which) isChosen ? next.add(id) : next.delete(id);
    setChosen(next);
  };
  if (view === undefined) return error ? html`<${Problem} error=${error} />` : html`<${Loading} />`;
  const countOf = (/** @type {Which} */ which) => "all" in which ? view.ready : which.ids.length;
  return html`
    <div class="letters" ref=${list}>
      <div class="buttons bar">
        <${Change} trusted=${trusted} disabled=${action.isBusy || ids.length === 0} onClick=${() =>
          change("replay", { ids })}>
            Replay chosen (${ids.length})<//>
          <${Change} trusted=${trusted} disabled=${action.isBusy || ids.length === 0} onClick=${() =>
            setPurging({ ids })}>Purge chosen<//>
          <span class="grow"></span>
          <${Change} trusted=${trusted} disabled=${action.isBusy || view.ready === 0} onClick=${() =>
            change("replay", { all: true })}>
            Replay all ${view.ready}<//>
          <${Change} trusted=${trusted} disabled=${action.isBusy ||
            view.ready === 0} kind="danger" onClick=${() => setPurging({ all: true })}>
            Purge all<//>
        </div>
        <${Outcome} action=${action} /><${Problem} error=${error} />
        ${!trusted && html`<${Hidden} what="What the letters say" />`}
        ${view.ready === 0 && html`<p class="caption">This queue is empty.</p>`}
        ${view.groups.map(({ error: message, count, ids: group }) =>
          html`
            <${Group} key=${message} message=${message} count=${count} trusted=${trusted} isBusy=${action
              .isBusy}
              letters=${view.letters.filter(({ messageId }) =>
                group.includes(messageId)
              )} chosen=${chosen} choose=${choose}
              onReplay=${(/** @type {readonly string[]} */ which) => change("replay", { ids: which })}
              onPurge=${(/** @type {readonly string[]} */ which) => setPurging({ ids: which })} />
          `
        )}
        ${view.ready > view.letters.length &&
          html`<p class="caption">The first ${view.letters.length} of ${view.ready} are shown.</p>`}
        ${purging && html`
          <${Confirm} question="Purge ${plural(countOf(purging), "dead letter")}?" action="Purge"
            detail="They are deleted from ${queue} and cannot be brought back." onClose=${() =>
              setPurging(undefined)}
            onDo=${() => change("purge", purging)} />
        `}
      </div>
  `;
}

/** Goes to the letter after or before the one that has the focus. @param {HTMLElement | null} list @param {1 | -1} step */
function focusNext(list, step) {
  const letters = [...list?.querySelectorAll("summary") ?? []];
  const at = letters.findIndex((letter) => letter.closest(".letter")?.contains(document.activeElement));
  letters[at < 0 ? 0 : Math.min(letters.length - 1, Math.max(0, at + step))]?.focus();
}

/**
 * The letters with the same error.
 *
 * @param {object} props
 * @param {string} props.message
 * @param {number} props.count
 * @param {boolean} props.trusted
 * @param {boolean} props.isBusy
 * @param {readonly DeadLetterView[]} props.letters
 * @param {ReadonlySet<string>} props.chosen
 * @param {(ids: readonly string[], isChosen: boolean) => void} props.choose
 * @param {(ids: readonly string[]) => void} props.onReplay
 * @param {(ids: readonly string[]) => void} props.onPurge
 */
function Group({ message, count, trusted, isBusy, letters, chosen, choose, onReplay, onPurge }) {
  const ids = letters.map(({ messageId }) => messageId);
  const areAll = ids.length > 0 && ids.every((id) => chosen.has(id));
  return html`
    <section class="card group">
      <header class="row">
          <label class="check"><input type="checkbox" checked=${areAll}
            onChange=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) =>
              choose(ids, currentTarget.checked)} />
            <h2 class="wrap"><${Text} value=${message} /></h2></label>
          <span class="count">${plural(count, "letter")}</span><span class="grow"></span>
          <${Change} trusted=${trusted} disabled=${isBusy} kind="small" onClick=${() =>
            onReplay(ids)}>Replay ${ids.length}<//>
          <${Change} trusted=${trusted} disabled=${isBusy} kind="small quiet" onClick=${() =>
            onPurge(ids)}>Purge<//>
        </header>
        ${letters.map((letter) =>
          html`
            <${Letter} key=${letter.messageId} letter=${letter} isChosen=${chosen.has(letter.messageId)}
              choose=${choose} trusted=${trusted} isBusy=${isBusy} onReplay=${onReplay} onPurge=${onPurge} />
          `
        )}
      </section>
  `;
}

/**
 * @param {object} props
 * @param {DeadLetterView} props.letter
 * @param {boolean} props.isChosen
 * @param {boolean} props.trusted
 * @param {boolean} props.isBusy
 * @param {(ids: readonly string[], isChosen: boolean) => void} props.choose
 * @param {(ids: readonly string[]) => void} props.onReplay
 * @param {(ids: readonly string[]) => void} props.onPurge
 */
function Letter({ letter, isChosen, trusted, isBusy, choose, onReplay, onPurge }) {
  const { messageId, attempts, source, failedAt, replays, at, payload, headers } = letter;
  const [isOpen, setOpen] = useState(false);
  return html`
    <div class="letter">
      <input type="checkbox" aria-label="Choose ${visibleText(messageId)}" checked=${isChosen}
        onChange=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) =>
          choose([messageId], currentTarget.checked)} />
      <details onToggle=${(/** @type {{ currentTarget: HTMLDetailsElement }} */ { currentTarget }) =>
        setOpen(currentTarget.open)}>
          <summary><span class="mono"><${Text} value=${messageId} /></span>
            <span class="caption">${ago(failedAt)} · ${plural(attempts, "attempt")}${replays > 0 &&
              ` · replayed ${plural(replays, "time")}`}</span></summary>
          ${isOpen && html`<dl class="facts">
          <div><dt>Function</dt><dd><a href=${
            hashOf("functions", letter.function)
          }><${Text} value=${letter.function} /></a></dd></div>
          <div><dt>From</dt><dd class="mono"><${Text} value=${source} /></dd></div>
          ${
            at && html`
              <div>
                <dt>Thrown at</dt>
                <dd class="mono">
                  <${Text} value=${at} />
                </dd>
              </div>
            `
          }
          <div><dt>Runs</dt><dd><a href=${
            hashOf("runs", undefined, { search: messageId })
          }>see its runs</a></dd></div>
        </dl>
        ${
            payload
              ? html`<${Payload} payload=${payload} label="Body of ${messageId}" />`
              : html`<${Hidden} what="The body" />`
          }
        ${
            headers && html`
              <h4>Headers</h4>
              <${JsonValue} value=${headers} label="Headers of ${messageId}" />
            `
          }`}
        </details>
      <div class="buttons">
        <${Change} trusted=${trusted} disabled=${isBusy} kind="small" onClick=${() =>
          onReplay([messageId])}>Replay<//>
          <${Change} trusted=${trusted} disabled=${isBusy} kind="small quiet" onClick=${() =>
            onPurge([messageId])}>Purge<//>
        </div>
      </div>
  `;
}
