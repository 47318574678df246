// @ts-check
/** @import { FunctionState, RunStatus } from "../../api/views.ts" */
import { html } from "../lib/preact.js";
import { visibleText } from "./visible.js";

/** The look of each state; its word is always there as well. @type {Readonly<Record<RunStatus | FunctionState, string>>} */
const looks = {
  running: "busy",
  ok: "good",
  failed: "bad",
  retrying: "warn",
  dead: "bad solid",
  duplicate: "quiet",
  expired: "quiet",
  detached: "bad",
  "circuit-open": "warn",
  paused: "warn",
  unavailable: "bad",
};

/** A run's status. @param {{ status: RunStatus }} props */
export function StatusBadge({ status }) {
  return html`<span class="badge ${looks[status] ?? "quiet"}">${status}</span>`;
}

/** A function's state. A running one is good, a running run is busy. @param {{ state: FunctionState, why?: string }} props */
export function StateBadge({ state, why }) {
  const look = state === "running" ? "good" : looks[state] ?? "quiet";
  return html`<span class="badge ${look}" title=${why && visibleText(why, true)}>${
    state === "circuit-open" ? "circuit open" : state
  }</span>`;
}
