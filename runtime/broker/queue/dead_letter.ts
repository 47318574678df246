import { Buffer } from "node:buffer";
import { decodeProperties, encodeProperties } from "../../amqp/properties.ts";
import { type Field, long, longstr, type Table } from "../../amqp/table.ts";
import { locate } from "../protocol/traits.ts";
import { Message, originOf } from "./message.ts";
import type { DeathReason, Queue } from "./queue.ts";

export interface DeadLetter {
  /** What goes to the dead letter exchange. */
  readonly message: Message;
  /** The x-death entries it carries, newest first. */
  readonly deaths: readonly Table[];
}

/**
 * The dead letter that a message becomes as `queue` gives it up.
 *
 * @param data properties and body of the message, which begin at `start`
 * @param now milliseconds since 1970
 * @param believes whether an `x-death` that a publisher wrote counts
 */
export function bury(
  queue: Queue,
  message: Message,
  data: Buffer,
  start: number,
  reason: DeathReason,
  now: number,
  believes: boolean,
): DeadLetter {
  const { deadLetterExchange = "", deadLetterKey } = queue.settings;
  const { origin, propertiesSize, size } = message;
  const properties = decodeProperties(data, start, propertiesSize);
  const headers: Table = new Map(properties.headers);
  const deaths = recordDeath(headers, queue.name, message, reason, properties.expiration, now, believes);
  if (deadLetterKey !== undefined && believes) headers.delete("CC");
  const [key, ...copies] = deadLetterKey === undefined ? origin.keys : [deadLetterKey];
  const encoded = encodeProperties({ ...properties, headers: sorted(headers), expiration: undefined });
  const body = data.subarray(start + propertiesSize, start + propertiesSize + size);
  const dead = new Message(
    originOf(deadLetterExchange, key!, copies),
    locate(encoded, 0, encoded.length),
    Buffer.concat([encoded, body]),
    0,
    encoded.length,
    size,
    true,
  );
  return { message: dead, deaths };
}

/** Headers in the order of their names, as RabbitMQ sends them. */
function sorted(headers: Table): Table {
  return new Map([...headers].sort(([a], [b]) => a < b ? -1 : 1));
}

function recordDeath(
  headers: Table,
  queue: string,
  message: Message,
  reason: DeathReason,
  expiration: string | undefined,
  now: number,
  believes: boolean,
): Table[] {
  const { origin } = message;
  const recorded = believes || message.isDeadLetter ? headers.get("x-death") : undefined;
  const isFirst = recorded === undefined;
  const earlier = believes ? grouped(deathsOf(recorded)) : deathsOf(recorded);
  const same = (death: Table) => death.get("queue")?.value === queue && death.get("reason")?.value === reason;
  const again = earlier.find(same);
  const death: Table = new Map(again ?? newDeath());
  death.set("count", long(BigInt(Number(again?.get("count")?.value ?? 0)) + 1n));
  const latest = recorded?.type === "array" && believes ? sorted(death) : death;
  const deaths = [latest, ...earlier.filter((other) => !same(other))];
  headers.set("x-death", { type: "array", value: deaths.map((value): Field => ({ type: "table", value })) });
  const about = believes ? [] : ["last"];
  if (isFirst) about.push("first");
  for (const which of about) {
    headers.set(`x-${which}-death-exchange`, longstr(origin.exchange));
    headers.set(`x-${which}-death-queue`, longstr(queue));
    headers.set(`x-${which}-death-reason`, longstr(reason));
  }
  return deaths;

  function newDeath(): [string, Field][] {
    const copies = headers.get("CC")?.value as Field[] | undefined;
    const keys = [longstr(origin.key), ...copies ?? []];
    const fields: [string, Field][] = [
      ["count", long(1)],
      ["reason", longstr(reason)],
      ["queue", longstr(queue)],
      ["time", { type: "timestamp", value: BigInt(Math.floor(now / 1000)) }],
      ["exchange", longstr(origin.exchange)],
      ["routing-keys", { type: "array", value: keys }],
    ];
    if (expiration === undefined) return fields;
    const original: [string, Field] = ["original-expiration", longstr(expiration)];
    return believes ? [...fields, original] : [original, ...fields];
  }
}

function deathsOf(field: Field | undefined): Table[] {
  if (field?.type !== "array") return [];
  return field.value.flatMap((item) => item.type === "table" ? [item.value] : []);
}

/**
 * Several entries as RabbitMQ passes them on: one for each queue and reason, in reverse order. An entry without a count
 * gets the number of entries that were alike.
 */
function grouped(deaths: readonly Table[]): readonly Table[] {
  if (deaths.length < 2) return deaths;
  const alike = Map.groupBy(
    deaths,
    (death) => JSON.stringify([textOf(death, "queue"), textOf(death, "reason")]),
  );
  return [...alike.values()].reverse().map(([first, ...others]) =>
    first!.has("count") ? first! : new Map([["count", long(1 + others.length)], ...first!])
  );
}

function textOf(death: Table, name: string): string | null {
  const field = death.get(name);
  return field ? String(field.value) : null;
}

/** Whether the message was in this queue before and no client has rejected it since: it would go round forever. */
export function goesRound(queue: string, deaths: readonly Table[]): boolean {
  const last = deaths.findIndex((death) => death.get("queue")?.value === queue);
  return last >= 0 && deaths.slice(0, last + 1).every((death) => death.get("reason")?.value !== "rejected");
}
