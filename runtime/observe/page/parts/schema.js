// @ts-check

/**
 * A field of a form. `json` is a box for JSON, for what has no field of its own.
 *
 * @typedef {object} Field
 * @property {"object" | "array" | "text" | "number" | "boolean" | "choice" | "json"} kind
 * @property {string} name
 * @property {string} [description]
 * @property {boolean} isRequired
 * @property {readonly Field[]} [fields] Of an object.
 * @property {Field} [item] Of an array.
 * @property {readonly unknown[]} [choices]
 * @property {boolean} [isInteger]
 * @property {unknown} [initial]
 */

/** Deeper than this there is only JSON. */
const deepest = 4;

/**
 * The form for a JSON Schema: plain objects, text, numbers, booleans, choices, and lists of these.
 *
 * @param {unknown} schema
 * @param {string} [name]
 * @param {boolean} [isRequired]
 * @param {number} [depth]
 * @returns {Field}
 */
export function fieldOf(schema, name = "", isRequired = true, depth = 0) {
  const { type, properties, required, items, description, default: initial, ...rest } = isRecord(schema)
    ? schema
    : {};
  const field = {
    name,
    isRequired,
    initial,
    ...typeof description === "string" ? { description } : {},
  };
  const choices = Array.isArray(rest.enum) ? rest.enum : "const" in rest ? [rest.const] : undefined;
  if (choices !== undefined && choices.length > 0) return { ...field, kind: "choice", choices };
  const isPlain = !["$ref", "anyOf", "oneOf", "allOf", "not", "patternProperties"].some((word) =>
    word in rest
  );
  if (!isPlain || depth > deepest) return { ...field, kind: "json" };
  switch (type) {
    case "string":
      return { ...field, kind: "text" };
    case "integer":
    case "number":
      return { ...field, kind: "number", isInteger: type === "integer" };
    case "boolean":
      return { ...field, kind: "boolean" };
    case "array":
      if (!isRecord(items)) return { ...field, kind: "json" };
      return { ...field, kind: "array", item: fieldOf(items, "", true, depth + 1) };
    case "object": {
      if (!isRecord(properties) || isRecord(rest.additionalProperties)) return { ...field, kind: "json" };
      const needed = Array.isArray(required) ? required : [];
      const fields = Object.entries(properties).map(([key, value]) =>
        fieldOf(value, key, needed.includes(key), depth + 1)
      );
      return { ...field, kind: "object", fields };
    }
    default:
      return { ...field, kind: "json" };
  }
}

/**
 * What a person has entered: text of fields, boxes that are checked, lists, and fields by name.
 *
 * @typedef {string | boolean | readonly unknown[] | Readonly<Record<string, unknown>>} Entered
 */

/**
 * What a form holds at first.
 *
 * @param {Field} field
 * @returns {Entered}
 */
export function emptyOf({ kind, fields = [], initial, choices = [], isRequired }) {
  switch (kind) {
    case "object":
      return Object.fromEntries(fields.map((field) => [field.name, emptyOf(field)]));
    case "array":
      return [];
    case "boolean":
      return initial === true;
    case "choice":
      return initial !== undefined ? JSON.stringify(initial) : isRequired ? JSON.stringify(choices[0]) : "";
    case "json":
      return initial === undefined ? "" : JSON.stringify(initial);
    default:
      return initial === undefined ? "" : String(initial);
  }
}

/**
 * The JSON of what was entered, with numbers as they were typed; `undefined` if the field is left out.
 *
 * @param {Field} field
 * @param {Entered | undefined} entered
 * @returns {string | undefined}
 * @throws {Error} That names the field, if it does not fit.
 */
export function jsonOf(field, entered) {
  const { kind, name, isRequired } = field;
  if (kind === "object") {
    const values = /** @type {Record<string, Entered>} */ (entered ?? {});
    const parts = (field.fields ?? []).flatMap((inner) => {
      const json = jsonOf(inner, values[inner.name]);
      return json === undefined ? [] : [`${JSON.stringify(inner.name)}: ${json}`];
    });
    return parts.length === 0 && !isRequired
      ? undefined
      : `{${parts.length === 0 ? "" : ` ${parts.join(", ")} `}}`;
  }
  if (kind === "array") {
    const item = /** @type {Field} */ (field.item);
    const values = /** @type {Entered[]} */ (entered ?? []);
    if (values.length === 0 && !isRequired) return undefined;
    return `[${values.map((value) => jsonOf({ ...item, name, isRequired: true }, value)).join(", ")}]`;
  }
  if (kind === "boolean") return String(entered === true);
  const text = String(entered ?? "");
  if (kind === "text") return text === "" && !isRequired ? undefined : JSON.stringify(text);
  if (text.trim() === "") {
    if (!isRequired) return undefined;
    throw new Error(`${name || "The input"} is missing`);
  }
  if (
    kind === "number" && !(field.isInteger ? /^-?\d+$/ : /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/).test(text.trim())
  ) {
    throw new Error(`${name || "The input"} is no ${field.isInteger ? "whole number" : "number"}: ${text}`);
  }
  try {
    JSON.parse(text);
  } catch {
    throw new Error(`${name || "The input"} is no JSON: ${text.slice(0, 100)}`);
  }
  return text.trim();
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
