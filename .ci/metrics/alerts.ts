/** Prometheus's alert rules for a runtime, as docs/prometheus-alerts.yml has them. */

import { definitions } from "../../runtime/observe/metrics/definitions.ts";
import { errorShare, lagAtWorst, ready, waiting } from "./queries.ts";

/** One rule: it fires when the expression has had a result for so long. */
export interface Alert {
  readonly name: string;
  readonly expression: string;
  readonly for: string;
  readonly severity: "critical" | "warning";
  readonly summary: string;
  /** What to look at. */
  readonly description: string;
}

const queue = "queue '{{ $labels.messaging_destination_name }}'";

export const alerts: readonly Alert[] = [
  {
    name: "HopperConsumerMissing",
    expression: `${definitions.attached.name} == 0`,
    for: "2m",
    severity: "critical",
    summary: "{{ $labels.function }} takes no messages",
    description: "Its consumer is not attached, or its process or setup does not start: see /readyz.",
  },
  {
    name: "HopperBrokerDisconnected",
    expression: `${definitions.connected.name} == 0`,
    for: "1m",
    severity: "critical",
    summary: "The connection of the {{ $labels.connection }} to the broker is lost",
    description: "The log of {{ $labels.instance }} says why, and when it tries again.",
  },
  {
    name: "HopperErrorShare",
    expression: `${errorShare("", "5m")} > 0.1`,
    for: "5m",
    severity: "warning",
    summary: "{{ $value | humanizePercentage }} of the runs of {{ $labels.function }} fail",
    description: "Mistakes of callers do not count. The label error_type has the kinds of errors.",
  },
  {
    name: "HopperDeadLettersGrowing",
    expression: `sum by (function) (increase(${definitions.deadLettered.name}[15m])) > 0`,
    for: "0m",
    severity: "warning",
    summary: "{{ $labels.function }} has new dead letters",
    description: "Look at them with `hopper dead list`, and replay them when the cause is mended.",
  },
  {
    name: "HopperMessagesDropped",
    expression: `sum by (function) (increase(${definitions.dropped.name}[15m])) > 0`,
    for: "0m",
    severity: "warning",
    summary: "{{ $labels.function }} has dropped messages that failed",
    description: "It keeps no dead letters; the broker's own dead-lettering decides what becomes of them.",
  },
  {
    name: "HopperFunctionPaused",
    expression: `${definitions.paused.name} == 1`,
    for: "5m",
    severity: "warning",
    summary: "{{ $labels.function }} pauses",
    description: "Its runs keep failing, or somebody paused it. Its messages wait in their queue.",
  },
  {
    name: "HopperQueueGrowing",
    expression: `${waiting("work")} > 1000 and ` +
      `max by (function, messaging_destination_name) (deriv(${ready.name}{kind="work"}[15m])) > 0`,
    for: "15m",
    severity: "warning",
    summary: `${queue} of {{ $labels.function }} grows: {{ $value }} messages wait`,
    description: "More comes than is handled: raise concurrency or instances, or run more runtimes.",
  },
  {
    name: "HopperReconnects",
    expression: `sum by (instance, connection) (increase(${definitions.reconnects.name}[15m])) > 3`,
    for: "0m",
    severity: "warning",
    summary: "The connection of the {{ $labels.connection }} to the broker is lost again and again",
    description: "The log of {{ $labels.instance }} says why; so does the broker's.",
  },
  {
    name: "HopperProcessesEnding",
    expression: `sum by (function) (increase(${definitions.processesEnded.name}[15m])) > 3`,
    for: "0m",
    severity: "warning",
    summary: "Processes of {{ $labels.function }} end by themselves",
    description: "The log says how: an error that nobody caught, Deno.exit, or too much memory.",
  },
  {
    name: "HopperEventLoopLag",
    expression: `${lagAtWorst("5m")} > 0.5`,
    for: "5m",
    severity: "warning",
    summary: "The runtime at {{ $labels.instance }} is too busy to answer in time",
    description: "Inline functions that compute for long do that; let them run in processes.",
  },
];

/** The rules as YAML. */
export function alertRules(): string {
  const rules = alerts.map((alert) =>
    [
      `      - alert: ${alert.name}`,
      "        expr: >-",
      `          ${alert.expression}`,
      `        for: ${alert.for}`,
      "        labels:",
      `          severity: ${alert.severity}`,
      "        annotations:",
      `          summary: ${JSON.stringify(alert.summary)}`,
      `          description: ${JSON.stringify(alert.description)}`,
    ].join("\n")
  );
  return [
    "# Written by `deno run -A .ci/metrics_doc.ts --write`. Copy it, and change what does not suit you.",
    "groups:",
    "  - name: hopper",
    "    rules:",
    ...rules,
    "",
  ].join("\n");
}
