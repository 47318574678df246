import { printable, printableLines } from "../../core/text/printable.ts";
import type { PayloadView, RunSummary } from "../../observe/api/views.ts";

/** What a message carries, as far as it is known. */
export interface Content {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly payload?: PayloadView;
  readonly payloadNotKept?: string;
}

/** Where a message came from. */
export function originOf(
  { exchange, routingKey, queue }: Pick<RunSummary, "exchange" | "routingKey" | "queue">,
): string {
  return exchange === "" ? `queue ${queue}` : `${exchange} ${routingKey}`.trimEnd();
}

/** A message's headers, properties and body for people. */
export function contentSections(
  { headers = {}, properties = {}, payload, payloadNotKept = "" }: Content,
): string[] {
  return [
    ...Object.keys(headers).length === 0 ? [] : [section("Headers", json(headers))],
    ...Object.keys(properties).length === 0 ? [] : [section("Properties", json(properties))],
    payload === undefined ? section("Payload", `none: ${payloadNotKept}`) : payloadSection(payload),
  ];
}

function payloadSection({ kind, value, bytes, cut, contentType }: PayloadView): string {
  const what = [
    ...contentType === undefined ? [] : [contentType],
    `${bytes.toLocaleString("en")} bytes`,
    ...kind === "base64" ? ["as base64"] : [],
    ...cut ? ["only its beginning"] : [],
  ];
  return section(`Payload (${what.join(", ")})`, kind === "json" ? json(value) : String(value));
}

/** A heading, and text of several lines below it, indented. */
export function section(heading: string, text: string): string {
  const lines = printableLines(text.replaceAll("\r\n", "\n"));
  return `${printable(heading)}\n${lines.replace(/^/gm, "  ")}`;
}

const json = (value: unknown) => JSON.stringify(value, null, 2);
