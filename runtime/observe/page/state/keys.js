// @ts-check
/// <reference lib="dom" />
import { useEffect, useRef } from "../lib/preact.js";

/**
 * A key, or two one after the other such as `g r`, and what it does.
 *
 * @typedef {{ readonly keys: string, readonly does: string, readonly run: () => void }} Command
 */

/** Milliseconds within which the second key follows the first. */
const together = 1_200;

/** The commands of each part of the page that is shown; the latest part comes first. @type {Set<{ current: readonly Command[] }>} */
const shown = new Set();

/** Offers commands while a part is shown. @param {readonly Command[]} commands */
export function useKeys(commands) {
  const offered = useRef(commands);
  offered.current = commands;
  useEffect(() => {
    shown.add(offered);
    return () => void shown.delete(offered);
  }, []);
}

/** All commands now, the most special ones first. @returns {Command[]} */
export function commandsNow() {
  const all = [...shown].reverse().flatMap(({ current }) => current);
  return all.filter(({ keys }, i) => all.findIndex((other) => other.keys === keys) === i);
}

/**
 * Runs commands by their keys. Keys that are typed into a field, or in a dialog, belong to that.
 *
 * @returns {() => void} Stops that.
 */
export function listenToKeys() {
  let before = "";
  let time = 0;
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (target.closest("dialog[open]")) return;
    if (target.matches("input:not([type=checkbox]), textarea, select")) {
      if (event.key === "Escape") target.blur();
      return;
    }
    const first = event.timeStamp - time < together ? before : "";
    [before, time] = [event.key, event.timeStamp];
    const command = find(first === "" ? event.key : `${first} ${event.key}`) ?? find(event.key);
    if (command === undefined) return;
    before = "";
    event.preventDefault();
    command.run();
  };
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}

/** @param {string} keys */
const find = (keys) => commandsNow().find((command) => command.keys === keys);
