import { shown } from "../../core/text/shown.ts";
import {
  type ExchangeSource,
  type ExchangeSources,
  type HeaderMatch,
  sourcesOf,
  type Trigger,
} from "../../core/api/trigger.ts";
import { scheduleForm } from "../../core/schedule/recurrence.ts";
import { maxExchanges } from "../../core/settings/exchange_settings.ts";
import { isRecord, strings } from "../../core/values.ts";

/** What is wrong with a trigger, and what to write instead. */
export interface TriggerFault {
  readonly message: string;
  readonly fix: string;
}

/** Everything in a trigger's source that AMQP would refuse or that could never match. */
export function checkTrigger(trigger: Trigger): TriggerFault[] {
  if (trigger.kind === "queue") return checkName(trigger.queue, "queue", 'write: queue("orders", handler)');
  if (trigger.kind === "rpc") return checkName(trigger.name, "rpc", 'write: rpc("fib", handler)');
  if (trigger.kind === "schedule") return checkExpression(trigger.expression);
  if (!("sources" in trigger)) return checkSource(trigger, oneSource[trigger.kind]);
  return checkSources(trigger, severalSources[trigger.kind]);
}

// What it says is checked with the time zone, which only the settings have.
function checkExpression(expression: unknown): TriggerFault[] {
  if (typeof expression === "string") return [];
  return [{ message: `The schedule is ${described(expression)}, expected a string`, fix: scheduleForm }];
}

const oneSource: Record<ExchangeSource["kind"], string> = {
  fanout: 'write: fanout("logs", handler)',
  direct: 'write: direct("direct_logs", ["warning", "error"], handler)',
  topic: 'write: topic("topic_logs", ["kern.*"], handler)',
  headers: 'write: headers("reports", { all: { type: "report" } }, handler)',
};

const severalSources: Record<ExchangeSource["kind"], string> = {
  fanout: 'write: fanout(["logs", "audit"], handler)',
  direct: 'write: direct([["logs", "error"], ["audit", ["denied", "granted"]]], handler)',
  topic: 'write: topic([["orders", "order.*"], ["billing", ["invoice.#"]]], handler)',
  headers:
    'write: headers([["reports", { all: { type: "report" } }], ["files", { any: { type: "pdf" } }]], handler)',
};

function checkSources(trigger: ExchangeSources, fix: string): TriggerFault[] {
  const sources: readonly unknown[] = Array.isArray(trigger.sources) ? trigger.sources : [undefined];
  if (!sources.every(isRecord)) return [{ message: "The exchanges are no list", fix }];
  if (sources.length === 0) {
    return [{ message: "The list of exchanges is empty, so nothing would ever arrive", fix }];
  }
  if (new Set(trigger.sources.map(({ exchange }) => exchange)).size > maxExchanges) {
    return [{ message: `The trigger has more than ${maxExchanges} exchanges`, fix: "use several functions" }];
  }
  return sourcesOf(trigger).flatMap((source, index) =>
    checkSource(source, fix).map((fault) => ({
      ...fault,
      message: `Exchange ${index + 1}: ${fault.message}`,
    }))
  );
}

function checkSource(source: ExchangeSource, fix: string): TriggerFault[] {
  const faults = checkName(source.exchange, "exchange", fix);
  switch (source.kind) {
    case "fanout":
      return faults;
    case "direct":
      return [...faults, ...checkList(source.keys, "key", fix)];
    case "topic":
      return [
        ...faults,
        ...checkList(source.patterns, "pattern", fix),
        ...strings(source.patterns).flatMap(checkPattern),
      ];
    case "headers":
      return [...faults, ...checkHeaders(source.match)];
  }
}

/** What is wrong with the name of a queue or exchange. */
export function checkName(name: unknown, what: string, fix: string): TriggerFault[] {
  if (typeof name !== "string") {
    return [{ message: `The ${what}'s name is ${described(name)}, expected a string`, fix }];
  }
  if (name === "") return [{ message: `The ${what}'s name is empty`, fix }];
  if (tooLong(name)) {
    return [{ message: `The ${what}'s name is longer than AMQP's 255 bytes`, fix: "shorten it" }];
  }
  if (what !== "exchange" && name.startsWith("amq.")) {
    return [{
      message: `The name '${name}' begins with 'amq.', which brokers keep for themselves`,
      fix: "choose another name",
    }];
  }
  return [];
}

function checkList(values: unknown, what: string, fix: string): TriggerFault[] {
  if (!Array.isArray(values)) {
    return [{ message: `The ${what}s are ${described(values)}, expected a string or a list`, fix }];
  }
  if (values.length === 0) {
    return [{ message: `The list of ${what}s is empty, so nothing would ever arrive`, fix }];
  }
  return values.flatMap((value) => {
    if (typeof value !== "string") {
      return [{ message: `A ${what} is ${described(value)}, expected a string`, fix }];
    }
    if (tooLong(value)) return [{ message: `A ${what} is longer than AMQP's 255 bytes`, fix: "shorten it" }];
    return [];
  });
}

function checkPattern(pattern: string): TriggerFault[] {
  const mixed = pattern.split(".").find((word) => word.length > 1 && /[*#]/.test(word));
  if (mixed === undefined) return [];
  return [{
    message:
      `Pattern '${pattern}': '${mixed}' mixes a wildcard with other characters, which AMQP compares literally`,
    fix: `let the wildcard be a word of its own, as in 'kern.*' or '#.critical'`,
  }];
}

function checkHeaders(match: HeaderMatch): TriggerFault[] {
  const fix = 'write: { all: { format: "pdf" } } or { any: { format: "pdf" } }';
  const kinds = isRecord(match) ? Object.keys(match) : [];
  if (kinds.length !== 1 || !["all", "any"].includes(kinds[0]!)) {
    return [{ message: `The header match is ${described(match)}, expected either 'all' or 'any'`, fix }];
  }
  const pairs = (match as Record<string, unknown>)[kinds[0]!];
  if (!isRecord(pairs)) {
    return [{ message: `'${kinds[0]}' is ${described(pairs)}, expected header names and values`, fix }];
  }
  if (kinds[0] === "any" && Object.keys(pairs).length === 0) {
    return [{ message: "'any' names no header, so nothing would ever arrive", fix }];
  }
  return Object.entries(pairs).flatMap(([name, value]) => checkHeader(name, value));
}

function checkHeader(name: string, value: unknown): TriggerFault[] {
  if (name.startsWith("x-")) {
    return [{
      message: `Header '${name}' begins with 'x-', and brokers leave such headers out of the match`,
      fix: "match on a header of another name",
    }];
  }
  if (tooLong(name)) {
    return [{ message: `A header's name is longer than AMQP's 255 bytes`, fix: "shorten it" }];
  }
  if (["string", "boolean"].includes(typeof value) || Number.isFinite(value)) return [];
  return [{
    message: `Header '${name}' is compared with ${shown(value)}`,
    fix: "compare it with a string, a number or a boolean",
  }];
}

/** Whether a name or key is longer than AMQP allows. */
export function tooLong(text: string): boolean {
  return new TextEncoder().encode(text).length > 255;
}

function described(value: unknown): string {
  return value === undefined ? "missing" : shown(value);
}
