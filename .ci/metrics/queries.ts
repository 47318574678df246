/** Prometheus's expressions that the dashboard and the alert rules share. */

import { callersMistake } from "../../runtime/observe/metrics/error_type.ts";
import { definitions } from "../../runtime/observe/metrics/definitions.ts";

export const { consumed, deadLettered, dropped, ready, lag, processDuration } = definitions;

/** Selects runs that failed here: not those whose caller was wrong. */
export const failed = `error_type!~"|${callersMistake}"`;

/** What a counter grew by a second, for each function. */
export function rate(name: string, selector: string, window: string, by = "function"): string {
  return `sum by (${by}) (rate(${name}{${selector}}[${window}]))`;
}

/** The share of failed runs, for each function. */
export function errorShare(selector: string, window: string): string {
  const and = selector === "" ? "" : `, ${selector}`;
  return `${rate(consumed.name, `${failed}${and}`, window)} / ${rate(consumed.name, selector, window)}`;
}

/** How late the event loop is, at its worst hundredth. */
export function lagAtWorst(window: string): string {
  return `histogram_quantile(0.99, sum by (instance, le) (rate(${lag.name}_bucket[${window}])))`;
}

/** What waits in each queue. Several runtimes say the same of one queue. */
export function waiting(kind: "work" | "dead", selector = ""): string {
  const and = selector === "" ? "" : `, ${selector}`;
  return `max by (function, messaging_destination_name) (${ready.name}{kind="${kind}"${and}})`;
}
