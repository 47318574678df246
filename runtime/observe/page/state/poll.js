// @ts-check
/// <reference lib="dom" />
import { useEffect, useRef, useState } from "../lib/preact.js";
import { getText } from "./api.js";

/** The longest pause after errors, in milliseconds. */
const longest = 5_000;

/**
 * Asks again and again while the tab is visible, one request at a time, and more slowly while there are errors.
 *
 * @param {(signal: AbortSignal) => Promise<void>} ask
 * @param {number} every Milliseconds between an answer and the next question. `Infinity`: it asks once, and again only
 *   after an error or with `now`.
 * @returns {{ now(): void, stop(): void }}
 */
export function pollWith(ask, every) {
  const stopping = new AbortController();
  const { signal } = stopping;
  let failures = 0;
  let isAsking = false;
  let isWanted = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const pause = () => {
    if (every === Infinity) return failures === 0 ? Infinity : longest;
    return Math.min(every * 2 ** failures, Math.max(every, longest));
  };
  const later = () => {
    if (signal.aborted || document.hidden || pause() === Infinity) return;
    timer = setTimeout(now, pause());
  };
  const back = () => {
    if (pause() < Infinity) now();
  };
  const now = async () => {
    clearTimeout(timer);
    if (signal.aborted) return;
    if (isAsking) return void (isWanted = true);
    isAsking = true;
    try {
      await ask(signal);
      failures = 0;
    } catch {
      failures++;
    }
    isAsking = false;
    if (isWanted) {
      isWanted = false;
      await now();
    } else later();
  };
  document.addEventListener("visibilitychange", () => document.hidden ? clearTimeout(timer) : back(), {
    signal,
  });
  addEventListener("online", back, { signal });
  now();
  return {
    now,
    stop() {
      stopping.abort();
      clearTimeout(timer);
    },
  };
}

/**
 * What the API answers at this path, kept up to date while the view is there. After an error the latest value stays.
 *
 * @template T
 * @param {string | undefined} path Nothing is asked if it is missing.
 * @param {number} [every] In milliseconds.
 * @returns {{ value: T | undefined, error: Error | undefined, refresh: () => void }}
 */
export function usePolled(path, every = 1_000) {
  const [state, setState] = useState(/** @type {{ path?: string, value?: T, error?: Error }} */ ({}));
  const poller = useRef(/** @type {ReturnType<typeof pollWith> | undefined} */ (undefined));
  useEffect(() => {
    if (path === undefined) return;
    let latest = "";
    /** @type {T | undefined} */
    let value;
    poller.current = pollWith(async (signal) => {
      try {
        const text = await getText(path, signal);
        if (text === latest) return;
        latest = text;
        value = JSON.parse(text);
        setState({ path, value });
      } catch (error) {
        latest = "";
        if (!signal.aborted) setState({ path, value, error: /** @type {Error} */ (error) });
        throw error;
      }
    }, every);
    return poller.current.stop;
  }, [path, every]);
  const isThis = state.path === path;
  return {
    value: isThis ? state.value : undefined,
    error: isThis ? state.error : undefined,
    refresh: () => poller.current?.now(),
  };
}
