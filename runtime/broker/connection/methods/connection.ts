import type { Buffer } from "node:buffer";
import { Malformed } from "../../../amqp/malformed.ts";
import { AmqpError } from "../../errors.ts";
import { checkFields } from "../../protocol/layout.ts";
import { isKnown, Method } from "../../../amqp/method.ts";
import { Reader } from "../../../amqp/reader.ts";
import { bare } from "../../protocol/replies.ts";
import type { Connection } from "../connection.ts";
import type { Phase } from "../session.ts";
import { open, startOk, tuneOk } from "../handshake.ts";

/** The one method that each step of the handshake waits for. */
const steps: Partial<Record<Phase, [number, (connection: Connection, fields: Reader) => void]>> = {
  start: [Method.ConnectionStartOk, startOk],
  tune: [Method.ConnectionTuneOk, tuneOk],
  vhost: [Method.ConnectionOpen, open],
};

/** A method on channel 0. */
export function connectionMethod(connection: Connection, bytes: Buffer, at: number, end: number): void {
  const fields = new Reader(bytes, at, end);
  const method = fields.long();
  if (!isKnown(method)) throw new Malformed(`There is no method ${method}`);
  checkFields(method, bytes, at + 4, end);
  if (method === Method.ConnectionCloseOk && connection.session.phase === "closing") {
    return connection.hangUp();
  }
  if (method === Method.ConnectionClose) return close(connection);
  if (connection.session.phase === "closing") return;
  const step = steps[connection.session.phase];
  if (step) {
    if (method !== step[0]) return connection.hangUp();
    return step[1](connection, fields);
  }
  if (method === Method.ConnectionUpdateSecret) {
    return bare(connection.out, 0, Method.ConnectionUpdateSecretOk);
  }
  throw new AmqpError("channel_error", "unexpected method in connection state running");
}

function close(connection: Connection): void {
  bare(connection.out, 0, Method.ConnectionCloseOk);
  connection.closed();
}
