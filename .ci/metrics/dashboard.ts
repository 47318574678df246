/** A dashboard for Grafana, as docs/grafana-dashboard.json has it. */

import { definitions } from "../../runtime/observe/metrics/definitions.ts";
import { consumed, errorShare, failed, lagAtWorst, processDuration, rate, waiting } from "./queries.ts";

/** What a panel shows: an expression for Prometheus, and how its lines are called. */
export interface Query {
  readonly expression: string;
  readonly legend: string;
}

/** One panel. */
export interface Panel {
  readonly title: string;
  readonly kind: "stat" | "timeseries";
  /** Grafana's name of the unit. */
  readonly unit: string;
  readonly queries: readonly Query[];
}

const only = `function=~"$function"`;
const window = "$__rate_interval";
const perFunction = (name: string) => rate(name, only, window);
const sum = (name: string) => `sum(${name}{${only}})`;

export const panels: readonly Panel[] = [
  stat("Runs a second", "ops", `sum(rate(${consumed.name}{${only}}[${window}]))`),
  stat("Failing", "percentunit", errorShare(only, window).replaceAll("by (function) ", "")),
  stat("In flight", "short", sum(definitions.inFlight.name)),
  stat("Waiting", "short", `sum(${waiting("work", only)})`),
  stat("Dead letters", "short", `sum(${waiting("dead", only)})`),
  stat("Paused", "short", sum(definitions.paused.name)),
  lines("Runs", "ops", perFunction(consumed.name), "{{function}}"),
  lines("Failing", "percentunit", errorShare(only, window), "{{function}}"),
  {
    title: "How long runs take",
    kind: "timeseries",
    unit: "s",
    queries: [0.5, 0.95, 0.99].map((quantile) => ({
      expression: `histogram_quantile(${quantile}, ${
        rate(`${processDuration.name}_bucket`, only, window, "function, le")
      })`,
      legend: `{{function}} p${quantile * 100}`,
    })),
  },
  lines(
    "Errors by kind",
    "ops",
    rate(consumed.name, `${failed}, ${only}`, window, "function, error_type"),
    "{{function}} {{error_type}}",
  ),
  {
    title: "What becomes of messages that are not handled",
    kind: "timeseries",
    unit: "ops",
    queries: [
      { expression: perFunction(definitions.retried.name), legend: "{{function}} retried" },
      { expression: perFunction(definitions.deadLettered.name), legend: "{{function}} dead-lettered" },
      { expression: perFunction(definitions.dropped.name), legend: "{{function}} dropped" },
      { expression: perFunction(definitions.expired.name), legend: "{{function}} expired" },
      { expression: perFunction(definitions.duplicates.name), legend: "{{function}} duplicate" },
      { expression: perFunction(definitions.superseded.name), legend: "{{function}} superseded" },
      { expression: perFunction(definitions.unrouted.name), legend: "{{function}} published to nobody" },
      { expression: perFunction(definitions.unanswered.name), legend: "{{function}} not answered" },
    ],
  },
  lines(
    "Sent",
    "ops",
    rate(definitions.sent.name, only, window, "function, messaging_operation_name"),
    "{{function}} {{messaging_operation_name}}",
  ),
  lines("Waiting in queues", "short", waiting("work", only), "{{messaging_destination_name}}"),
  lines("Dead letters", "short", waiting("dead", only), "{{messaging_destination_name}}"),
  {
    title: "In flight, and not settled",
    kind: "timeseries",
    unit: "short",
    queries: [
      {
        expression: `sum by (function) (${definitions.inFlight.name}{${only}})`,
        legend: "{{function}} runs",
      },
      {
        expression: `sum by (function) (${definitions.unacked.name}{${only}})`,
        legend: "{{function}} not settled",
      },
    ],
  },
  {
    title: "Processes",
    kind: "timeseries",
    unit: "ops",
    queries: [
      { expression: perFunction(definitions.processesStarted.name), legend: "{{function}} started" },
      {
        expression: perFunction(definitions.processesEnded.name),
        legend: "{{function}} ended by themselves",
      },
    ],
  },
  {
    title: "Attached (1), paused (-1)",
    kind: "timeseries",
    unit: "short",
    queries: [
      { expression: `min by (function) (${definitions.attached.name}{${only}})`, legend: "{{function}}" },
      {
        expression: `-max by (function) (${definitions.paused.name}{${only}})`,
        legend: "{{function}} paused",
      },
    ],
  },
  {
    title: "Connections to the broker",
    kind: "timeseries",
    unit: "short",
    queries: [
      { expression: definitions.connected.name, legend: "{{instance}} {{connection}}" },
      {
        expression: `increase(${definitions.reconnects.name}[${window}])`,
        legend: "{{instance}} {{connection}} reconnects",
      },
    ],
  },
  lines("Event loop's lag, p99", "s", lagAtWorst(window), "{{instance}}"),
  lines("Version", "short", `count by (version) (${definitions.build.name})`, "{{version}}"),
];

function stat(title: string, unit: string, expression: string): Panel {
  return { title, kind: "stat", unit, queries: [{ expression, legend: "" }] };
}

function lines(title: string, unit: string, expression: string, legend: string): Panel {
  return { title, kind: "timeseries", unit, queries: [{ expression, legend }] };
}

/** Grafana's grid has 24 columns: six stats fill a row, and so do two panels with lines. */
function placed(panel: Panel, at: number) {
  const stats = panels.filter(({ kind }) => kind === "stat").length;
  if (panel.kind === "stat") return { x: at * 4, y: 0, w: 4, h: 4 };
  const nth = at - stats;
  return { x: nth % 2 * 12, y: 4 + Math.floor(nth / 2) * 8, w: 12, h: 8 };
}

const datasource = { type: "prometheus", uid: "${datasource}" };

function panelJson(panel: Panel, at: number) {
  const { title, kind, unit, queries } = panel;
  return {
    id: at + 1,
    type: kind,
    title,
    datasource,
    gridPos: placed(panel, at),
    fieldConfig: { defaults: { unit }, overrides: [] },
    targets: queries.map(({ expression, legend }, nth) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + nth),
      datasource,
      expr: expression,
      legendFormat: legend,
    })),
  };
}

/** The dashboard as JSON, to import into Grafana. */
export function dashboardJson(): string {
  const dashboard = {
    title: "Hopper",
    uid: "hopper",
    tags: ["hopper"],
    schemaVersion: 39,
    editable: true,
    time: { from: "now-1h", to: "now" },
    refresh: "30s",
    templating: {
      list: [
        { name: "datasource", type: "datasource", query: "prometheus", label: "Data source" },
        {
          name: "function",
          type: "query",
          label: "Function",
          datasource,
          query: `label_values(${definitions.attached.name}, function)`,
          refresh: 2,
          multi: true,
          includeAll: true,
          allValue: ".*",
        },
      ],
    },
    panels: panels.map(panelJson),
  };
  return JSON.stringify(dashboard, null, 2) + "\n";
}
