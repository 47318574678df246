import type { Buffer } from "node:buffer";
import { Malformed } from "../../amqp/malformed.ts";
import { FIELDS, flag, readFlags } from "../../amqp/properties.ts";
import { Reader } from "../../amqp/reader.ts";
import { checkField } from "../../amqp/table_scan.ts";
import { AmqpError } from "../errors.ts";

/**
 * What the broker itself wants to know of a message's properties. The properties stay the bytes that came;
 * they are decoded and encoded again only where they have to change.
 */
export interface Traits {
  readonly persistent: boolean;
  readonly priority: number;
  /** Per-message time to live in milliseconds, -1 for none. */
  readonly ttl: number;
  readonly replyTo: string | undefined;
  readonly userId: string | undefined;
  /** Whether the headers name further routing keys, in CC or BCC. */
  readonly copies: boolean;
}

const HEADERS = 2, DELIVERY_MODE = 3, PRIORITY = 4, REPLY_TO = 6, EXPIRATION = 7, USER_ID = 11;

const MAX_TTL = 0xffffffff;

/** Finds the fields the broker acts on, skipping the others. Throws what RabbitMQ answers to a bad one. */
export function locate(bytes: Buffer, start: number, size: number): Traits {
  const reader = new Reader(bytes, start, start + size);
  const flags = readFlags(reader);
  let persistent = false, priority = 0, copies = false;
  let expiration: string | undefined, replyTo: string | undefined, userId: string | undefined;
  for (let index = 0; index < FIELDS.length; index++) {
    if ((flags & flag(index)) === 0) continue;
    switch (index) {
      case HEADERS:
        copies = nameCopies(reader.part(reader.long()));
        break;
      case DELIVERY_MODE:
        persistent = reader.octet() === 2;
        break;
      case PRIORITY:
        priority = reader.octet();
        break;
      case REPLY_TO:
        replyTo = reader.shortString();
        break;
      case EXPIRATION:
        expiration = reader.shortString();
        break;
      case USER_ID:
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

/** Whether a table has CC or BCC. It is passed as a whole, so that what cannot be read is refused before it is stored. */
function nameCopies(table: Reader): boolean {
  let found = false;
  while (table.left > 0) {
    const size = table.octet();
    const at = table.at;
    table.skip(size);
    if (size === 2 || size === 3) found ||= COPIES.has(table.bytes.toString("latin1", at, table.at));
    checkField(table);
  }
  return found;
}

const COPIES = new Set(["CC", "BCC"]);

/** Whether one may stand for the other. */
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
  if (value > MAX_TTL) throw fail(`{value_too_large,${BigInt(digits!)}}`);
  if (value < 0) throw fail(`{value_negative,${value}}`);
  return value;
}
