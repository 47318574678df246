// @ts-check

/**
 * What somebody is about to send to a function. `start` is what commands begin with, such as `deno task hopper`.
 *
 * @typedef {object} Invocation
 * @property {string} start
 * @property {string} name
 * @property {string} trigger
 * @property {string} binding
 * @property {string} queue
 * @property {string} body What is sent to the API, as JSON.
 * @property {string} input The input alone, as a command takes it.
 * @property {string} [routingKey]
 * @property {string} [headers] As JSON.
 */

/** @import { FunctionSummary } from "../../api/views.ts" */

/**
 * The exchange and the keys of a binding as the API tells it: `logs  kern.* *.critical`.
 *
 * @param {string} binding
 */
export function readBinding(binding) {
  const [exchange = "", keys = ""] = binding.split(",")[0]?.split("  ") ?? [];
  return { exchange: exchange.trim(), keys: keys.split(" ").filter((key) => key !== "" && key !== "…") };
}

/** A routing key that a binding takes. @param {string} binding */
export function keyFor(binding) {
  const [pattern = ""] = readBinding(binding).keys;
  return pattern.split(".").map((word) => word === "*" || word === "#" ? "any" : word).join(".");
}

/** The command that sends the same, with the token from a variable. @param {Invocation} invocation @param {string} origin */
export function curlOf({ name, body }, origin) {
  const url = `${origin}/api/functions/${encodeURIComponent(name)}/invoke`;
  return `curl -H "Authorization: Bearer $TOKEN" -H 'content-type: application/json' -d ${quoted(body)} ${
    quoted(url)
  }`;
}

/** The command of hopper that sends the same. @param {Invocation} invocation */
export function commandOf({ start, name, trigger, binding, queue, input, routingKey = "", headers }) {
  if (trigger === "schedule") return words(start, "fire", name);
  if (trigger === "rpc") return words(start, "call", queue, input);
  if (trigger === "queue") return words(start, "send", queue, input);
  const { exchange } = readBinding(binding);
  return words(start, "publish", exchange, routingKey, input, ...headerFlags(headers));
}

/** A command that sends a function its first message. @param {string} start @param {FunctionSummary} summary */
export function firstCommand(start, { name, trigger, binding, queue }) {
  const input = trigger === "rpc" ? "30" : "a first message";
  return commandOf({ start, name, trigger, binding, queue, input, body: "", routingKey: keyFor(binding) });
}

/** @param {string | undefined} json */
function headerFlags(json) {
  if (json === undefined || json.trim() === "") return [];
  try {
    return Object.entries(JSON.parse(json)).flatMap(([name, value]) => ["--header", `${name}=${value}`]);
  } catch {
    return [];
  }
}

/** @param {string} start @param {...string} parts */
function words(start, ...parts) {
  return [start, ...parts.map(quoted)].join(" ");
}

/** A word as a shell takes it. @param {string} word */
export function quoted(word) {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
