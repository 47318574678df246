// @ts-check

/**
 * What somebody is about to send to a function.
 *
 * @typedef {object} Invocation
 * @property {string} name
 * @property {string} trigger
 * @property {string} binding
 * @property {string} queue
 * @property {string} body What is sent to the API, as JSON.
 * @property {string} input The input alone, as a command takes it.
 * @property {string} [routingKey]
 * @property {string} [headers] As JSON.
 */

/** How commands begin in a project. */
export const hopper = "deno task hopper";

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
export function commandOf({ trigger, binding, queue, input, routingKey = "", headers }) {
  if (trigger === "rpc") return words("call", queue, input);
  if (trigger === "queue") return words("send", queue, input);
  const { exchange } = readBinding(binding);
  return words("publish", exchange, routingKey, input, ...headerFlags(headers));
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

/** @param {...string} parts */
function words(...parts) {
  return [hopper, ...parts.map(quoted)].join(" ");
}

/** A word as a shell takes it. @param {string} word */
export function quoted(word) {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
