/** How messages have to look for a contender: frameworks put what is sent into an envelope of their own. */

import { Buffer } from "node:buffer";
import type { Job } from "./job.ts";

/** What is needed of a message that arrived. */
interface Reply {
  readonly content: Buffer;
  readonly properties: { readonly correlationId?: string };
}

export interface Envelope {
  /** Where replies are awaited. */
  readonly replyTo: string;
  /** A message that nobody replies to, which takes `size` bytes. */
  event(name: string, size: number): Buffer;
  /** A call's body, which takes about `size` bytes. */
  request(id: string, size: number): Buffer;
  /** Which call a reply is for. */
  replyId(reply: Reply): string;
}

const replyTo = "amq.rabbitmq.reply-to";
const replyId = ({ properties }: Reply) => properties.correlationId!;

/** Fills a text so that `make` of it takes `size` bytes as JSON. */
function filled(size: number, make: (text: string) => unknown): Buffer {
  const without = JSON.stringify(make("")).length;
  return Buffer.from(JSON.stringify(make("x".repeat(Math.max(1, size - without)))));
}

/** JSON, with nothing around it. */
const json: Envelope = {
  replyTo,
  event: (_, size) => filled(size, (text) => text),
  request: (_, size) => filled(size, (text) => text),
  replyId,
};

const envelopes: Record<Job["envelope"], Envelope> = {
  /** Bytes; a call's input is JSON. */
  plain: { ...json, event: (_, size) => Buffer.alloc(size, "x") },
  json,
  /** https://docs.nestjs.com/microservices/basics: patterns, and an id that tells requests from events. */
  nest: {
    replyTo,
    event: (_, size) => filled(size, (data) => ({ pattern: "bench", data })),
    request: (id, size) => filled(size, (data) => ({ pattern: "bench", data, id })),
    replyId,
  },
  /** https://moleculer.services/docs/0.14/networking: packets of version 4 of its protocol. */
  moleculer: {
    replyTo: "MOL.RES.caller",
    event: (event, size) =>
      filled(size, (data) => ({
        ...packet,
        id: "1",
        event,
        data,
        groups: ["bench"],
        broadcast: false,
      })),
    request: (id, size) =>
      filled(size, (params) => ({ ...packet, id, action: "bench.echo", params, stream: undefined })),
    replyId: ({ content }) => JSON.parse(content.toString()).id,
  },
};

const packet = {
  ver: "4",
  sender: "caller",
  meta: {},
  level: 1,
  tracing: null,
  parentID: null,
  requestID: "1",
};

export function envelopeOf(name: Job["envelope"]): Envelope {
  return envelopes[name];
}
