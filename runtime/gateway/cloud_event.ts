import { isRecord } from "../core/values.ts";
import { Refused } from "../http/refused.ts";

/** What a message is made of. */
export interface Content {
  /** `undefined`: no body was sent. */
  readonly body: Uint8Array | undefined;
  readonly contentType: string | undefined;
  /** AMQP headers. */
  readonly headers: Readonly<Record<string, unknown>>;
}

// CloudEvents' binding for AMQP names attributes so in headers, or with a colon, which JMS cannot read.
const prefix = "cloudEvents_";

const structured = "application/cloudevents";

/** A CloudEvent in an HTTP request as AMQP's: its data is the body, and its attributes are headers. Others are as they are. */
export function withCloudEvent(request: Headers, content: Content): Content {
  const type = (content.contentType ?? "").split(";", 1)[0]!.trim().toLowerCase();
  if (type === `${structured}+json`) return fromStructured(content);
  if (type.startsWith(structured)) {
    throw new Refused(
      415,
      "UNSUPPORTED_TYPE",
      `'${type}' is not taken; send one event as ${structured}+json`,
    );
  }
  const attributes = [...request].flatMap(([name, value]): [string, string][] =>
    name.startsWith("ce-") ? [[name.slice(3), decoded(name, value)]] : []
  );
  return attributes.length === 0 ? content : withAttributes(Object.fromEntries(attributes), content);
}

function fromStructured({ body, headers }: Content): Content {
  const event = jsonIn(body);
  const { data, data_base64: base64, datacontenttype, ...attributes } = event;
  if (datacontenttype !== undefined && typeof datacontenttype !== "string") {
    throw bad("'datacontenttype' is not text");
  }
  const contentType = datacontenttype ?? (base64 === undefined ? "application/json" : undefined);
  return withAttributes(attributes, { body: dataOf(data, base64, contentType), contentType, headers });
}

function jsonIn(body: Uint8Array | undefined): Record<string, unknown> {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    if (isRecord(value)) return value;
  } catch {
    // Told below.
  }
  throw bad("the body is not a JSON object");
}

function dataOf(data: unknown, base64: unknown, contentType: string | undefined): Uint8Array | undefined {
  if (base64 !== undefined) {
    if (data !== undefined) throw bad("it has both 'data' and 'data_base64'");
    try {
      return Uint8Array.fromBase64(String(base64));
    } catch {
      throw bad("'data_base64' is not base64");
    }
  }
  if (data === undefined) return undefined;
  const isJson = /^[^;]*[/+]json\s*(;|$)/i.test(contentType ?? "");
  return new TextEncoder().encode(typeof data === "string" && !isJson ? data : JSON.stringify(data));
}

const required = ["id", "source", "type"];

function withAttributes(attributes: Readonly<Record<string, unknown>>, content: Content): Content {
  if (attributes.specversion !== "1.0") throw bad("'specversion' is not \"1.0\"");
  for (const name of required) {
    if (typeof attributes[name] !== "string" || attributes[name] === "") throw bad(`it has no '${name}'`);
  }
  const headers: Record<string, unknown> = { ...content.headers };
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) continue;
    if (!/^[a-z0-9]+$/.test(name)) throw bad(`'${name}' is no name of an attribute: a to z and 0 to 9`);
    if (typeof value === "object") throw bad(`'${name}' is not text, a number or a boolean`);
    headers[prefix + name] = value;
  }
  return { ...content, headers };
}

// CloudEvents' binding for HTTP has values percent-encoded.
function decoded(name: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw bad(`'${name}' is not percent-encoded UTF-8`);
  }
}

function bad(what: string): Refused {
  return new Refused(400, "BAD_EVENT", `The CloudEvent cannot be read: ${what}`);
}
