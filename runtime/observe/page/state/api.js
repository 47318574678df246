// @ts-check
/// <reference lib="dom" />
/** @import { ProblemView } from "../../api/views.ts" */
import { sayGone } from "./link.js";

/** What the admin API answered instead of doing it. */
export class ApiError extends Error {
  /** @param {ProblemView} problem */
  constructor({ title, status, detail }) {
    super(detail || title);
    this.title = title;
    this.status = status;
  }
}

/** The runtime did not answer. */
export class RuntimeGone extends Error {
  constructor() {
    super("The runtime does not answer");
  }
}

/** Milliseconds for an answer, besides what an rpc may take. */
const patience = 15_000;

/**
 * The text of an answer.
 *
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
export function getText(path, signal) {
  return ask(path, {}, signal, patience);
}

/**
 * @template T
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export async function get(path, signal) {
  return JSON.parse(await getText(path, signal));
}

/**
 * Changes something. `body` is JSON as text, so that what a person typed is sent unchanged.
 *
 * @template T
 * @param {string} path
 * @param {string} [body]
 * @param {number} [more] Milliseconds that the answer may take besides the usual.
 * @returns {Promise<T>}
 */
export async function post(path, body = "{}", more = 0) {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body };
  return JSON.parse(await ask(path, init, undefined, patience + more));
}

/**
 * @param {string} path
 * @param {RequestInit} init
 * @param {AbortSignal | undefined} signal
 * @param {number} ms
 */
async function ask(path, init, signal, ms) {
  const signals = [AbortSignal.timeout(ms), ...signal ? [signal] : []];
  let response, text;
  try {
    response = await fetch(path, { ...init, signal: AbortSignal.any(signals) });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    sayGone(true);
    throw new RuntimeGone();
  }
  sayGone(false);
  if (!response.ok) throw new ApiError(problemOf(response, text));
  return text;
}

/** @param {Response} response @param {string} text @returns {ProblemView} */
function problemOf({ status, statusText }, text) {
  /** @type {ProblemView} */
  const plain = {
    type: "about:blank",
    code: "UNREADABLE",
    title: statusText || `Status ${status}`,
    status,
    detail: text.slice(0, 500),
  };
  try {
    return { ...plain, ...JSON.parse(text) };
  } catch {
    return plain;
  }
}
