import type { Buffer } from "node:buffer";
import { Malformed } from "../../amqp/malformed.ts";
import { FIELDS, flag, readFlags } from "../../amqp/properties.ts";
import { Reader } from "../../amqp/reader.ts";
import { checkField } from "../../amqp/table_scan.ts";
import { AmqpError } from "../errors.ts";

/**
 * What the broker itself needs to know of a message's properties. The properties stay in the bytes in which they came;
 * they are decoded and encoded only where they must change.
 */
export interface Traits {
  readonly persistent: boolean;
  readonly priority: number;
  /** How long the message may wait in a queue, in milliseconds; -1 for any time. */
  readonly ttl: number;
  readonly replyTo: string | undefined;
  readonly userId: string | undefined;
  /** Whether the headers CC or BCC name additional routing keys. */
  readonly copies: boolean;
}

/** Where these properties stand among all. */
const fieldAt = { headers: 2, deliveryMode: 3, priority: 4, replyTo: 6, expiration: 7, userId: 11 } as const;

const maxTtlMs = 0xffffffff;

/** Reads the properties that the broker acts on and skips the others. Throws what RabbitMQ answers to a bad one. */
export function locate(bytes: Buffer, start: number, size: number): Traits {
  const reader = new Reader(bytes, start, start + size);
  const flags = readFlags(reader);
  let persistent = false, priority = 0, copies = false;
  let expiration: string | undefined, replyTo: string | undefined, userId: string | undefined;
  for (let index = 0; index < FIELDS.length; index++) {
    if ((flags & flag(index)) === 0) continue;
    switch (index) {
      case fieldAt.headers:
        copies = hasCopies(reader.part(reader.long()));
        break;
      case fieldAt.deliveryMode:
        persistent = reader.octet() === 2;
        break;
      case fieldAt.priority:
        priority = reader.octet();
        break;
      case fieldAt.replyTo:
        replyTo = reader.shortString();
        break;
      case fieldAt.expiration:
        expiration = reader.shortString();
        break;
      case fieldAt.userId:
        userId = reader.shortString();
        break;
      default:
        reader.skip(FIELDS[index]![1] === "timestamp" ? 8 : reader.octet());
    }
  }
  if (reader.left > 0) throw new Malformed("Bytes are left behind the last property");
  const ttl = expiration === undefined ? -1 : parseExpiration(expiration);
  return { persistent, priority, ttl, replyTo, userId, copies };
}

/** Whether a table has CC or BCC. All of it is read, so that a bad table is refused before it is stored. */
function hasCopies(table: Reader): boolean {
  let found = false;
  while (table.left > 0) {
    const size = table.octet();
    const at = table.at;
    table.skip(size);
    if (size === 2 || size === 3) found ||= copyNames.has(table.bytes.toString("latin1", at, table.at));
    checkField(table);
  }
  return found;
}

const copyNames = new Set(["CC", "BCC"]);

/** Whether both say the same, so that one object can serve for both. */
export function sameTraits(a: Traits, b: Traits): boolean {
  return a.persistent === b.persistent && a.priority === b.priority && a.ttl === b.ttl &&
    a.replyTo === b.replyTo && a.userId === b.userId && a.copies === b.copies;
}

function parseExpiration(text: string): number {
  const fail = (reason: string) =>
    new AmqpError("precondition_failed", `invalid expiration '${text}': ${reason}`);
  const match = /^([+-]?\d+)(.*)$/s.exec(text);
  if (!match) throw fail("no_integer");
  const [, digits, rest] = match;
  if (rest) throw fail(`{leftover_string,${JSON.stringify(rest)}}`);
  const value = Number(digits);
  if (value > maxTtlMs) throw fail(`{value_too_large,${BigInt(digits!)}}`);
  if (value < 0) throw fail(`{value_negative,${value}}`);
  return value;
}
