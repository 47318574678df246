// @ts-check
/** @import { RunSummary } from "../../api/views.ts" */
import { html } from "../lib/preact.js";
import { duration } from "./format.js";
import { Text } from "./text.js";

/** Where its message came from: the exchange and the key, or the queue. @param {RunSummary} run */
export function sourceOf({ exchange, routingKey, queue }) {
  return html`<${Text} value=${
    exchange === "" ? queue : routingKey === "" ? exchange : `${exchange} ${routingKey}`
  } />`;
}

/** @param {RunSummary} run */
export function durationOf({ status, started, ms }) {
  if (status === "running" && started !== undefined) {
    return `${duration(Math.max(0, Date.now() - Date.parse(started)))} …`;
  }
  return duration(ms);
}
