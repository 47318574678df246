// @ts-check
/// <reference lib="dom" />
/*
 * What the page uses of htm and Preact, with its types. Browsers get htm's own file, which has both, at this address: see
 * `runtime/core/own_files.ts`.
 */
import * as standalone from "htm/preact/standalone";

const all = /** @type {any} */ (standalone);

/** @type {(strings: TemplateStringsArray, ...values: unknown[]) => unknown} */
export const html = all.html;

/** @type {(tree: unknown, parent: Element) => void} */
export const render = all.render;

/** @type {<S>(initial: S | (() => S)) => [S, (next: S | ((state: S) => S)) => void]} */
export const useState = all.useState;

/** @type {<S, A>(reduce: (state: S, action: A) => S, initial: S) => [S, (action: A) => void]} */
export const useReducer = all.useReducer;

/** @type {(effect: () => unknown, inputs?: readonly unknown[]) => void} */
export const useEffect = all.useEffect;

/** @type {(effect: () => unknown, inputs?: readonly unknown[]) => void} */
export const useLayoutEffect = all.useLayoutEffect;

/** @type {<T>(initial: T) => { current: T }} */
export const useRef = all.useRef;

/** @type {<T>(make: () => T, inputs: readonly unknown[]) => T} */
export const useMemo = all.useMemo;

/** @type {(failed?: (error: unknown) => void) => [unknown, () => void]} */
export const useErrorBoundary = all.useErrorBoundary;
