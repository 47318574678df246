import type { Declared } from "../core/declared.ts";
import type { HeaderMatch, Trigger } from "../core/trigger.ts";
import { queueName } from "../topology/plan.ts";

/** The row of a function in the banner and in `hopper list`; `functionHeadings` names its columns. */
export function functionRow(declared: Declared): string[] {
  const { name, trigger, settings, file } = declared;
  return [
    name,
    trigger.kind,
    describeBinding(trigger),
    describeQueue(declared),
    String(settings.prefetch),
    settings.ack,
    file,
  ];
}

/** The columns of `functionRow`. */
export const functionHeadings: readonly string[] = [
  "FUNCTION",
  "TRIGGER",
  "BINDING",
  "QUEUE",
  "PREFETCH",
  "ACK",
  "FILE",
];

function describeBinding(trigger: Trigger): string {
  switch (trigger.kind) {
    case "queue":
    case "rpc":
      return "-";
    case "fanout":
      return trigger.exchange;
    case "direct":
      return `${trigger.exchange}  ${trigger.keys.join(" ")}`;
    case "topic":
      return `${trigger.exchange}  ${trigger.patterns.join(" ")}`;
    case "headers":
      return `${trigger.exchange}  ${describeMatch(trigger.match)}`;
  }
}

function describeMatch(match: HeaderMatch): string {
  const [kind, pairs] = "all" in match ? ["all", match.all] : ["any", match.any];
  return `${kind}: ${Object.entries(pairs).map(([name, value]) => `${name}=${value}`).join(" ")}`;
}

function describeQueue(declared: Declared): string {
  return queueName(declared) || "(temporary)";
}
