import { isUtf8 } from "node:buffer";
import type { Buffer } from "node:buffer";
import { AmqpError } from "../errors.ts";
import { printBinary } from "./erlang.ts";
import { Method } from "../../amqp/method.ts";

/**
 * The fields of every method a client may send: `o`ctet or bits, `s`hort, `l`ong, `L`onglong, `q` short string,
 * `Q` long string, `t`able.
 */
const layouts: ReadonlyMap<number, string> = new Map([
  [Method.ConnectionStartOk, "tqQq"],
  [Method.ConnectionTuneOk, "sls"],
  [Method.ConnectionOpen, "qqo"],
  [Method.ConnectionClose, "sqss"],
  [Method.ConnectionCloseOk, ""],
  [Method.ConnectionUpdateSecret, "Qq"],
  [Method.ChannelOpen, "q"],
  [Method.ChannelFlow, "o"],
  [Method.ChannelFlowOk, "o"],
  [Method.ChannelClose, "sqss"],
  [Method.ChannelCloseOk, ""],
  [Method.AccessRequest, "qo"],
  [Method.ExchangeDeclare, "sqqot"],
  [Method.ExchangeDelete, "sqo"],
  [Method.ExchangeBind, "sqqqot"],
  [Method.ExchangeUnbind, "sqqqot"],
  [Method.QueueDeclare, "sqot"],
  [Method.QueueBind, "sqqqot"],
  [Method.QueueUnbind, "sqqqt"],
  [Method.QueuePurge, "sqo"],
  [Method.QueueDelete, "sqo"],
  [Method.BasicQos, "lso"],
  [Method.BasicConsume, "sqqot"],
  [Method.BasicCancel, "qo"],
  [Method.BasicCancelOk, "q"],
  [Method.BasicPublish, "sqqo"],
  [Method.BasicGet, "sqo"],
  [Method.BasicAck, "Lo"],
  [Method.BasicReject, "Lo"],
  [Method.BasicRecoverAsync, "o"],
  [Method.BasicRecover, "o"],
  [Method.BasicNack, "Lo"],
  [Method.ConfirmSelect, "o"],
  [Method.TxSelect, ""],
  [Method.TxCommit, ""],
  [Method.TxRollback, ""],
]);

/** Bytes of the fields that always have the same size. */
const fieldBytes: Record<string, number> = { o: 1, s: 2, l: 4, L: 8 };

/** Checks that the bytes from `at` to `end` are the fields of the method. Throws 501 where they are not. */
export function checkFields(method: number, bytes: Buffer, at: number, end: number): void {
  const layout = layouts.get(method);
  if (layout === undefined) return;
  let next = at;
  for (const field of layout) {
    next = skip(field, bytes, next, end);
    if (next > end) break;
  }
  if (next === end) return;
  throw new AmqpError("frame_error", `cannot decode ${printBinary(bytes.subarray(at, end))}`, method);
}

/** Where the next field begins; beyond `end` where this field is not complete. */
function skip(field: string, bytes: Buffer, at: number, end: number): number {
  const size = fieldBytes[field];
  if (size !== undefined) return at + size;
  if (field !== "q") return at + 4 > end ? Infinity : at + 4 + bytes.readUInt32BE(at);
  if (at >= end) return Infinity;
  const next = at + 1 + bytes[at]!;
  if (next <= end && !isUtf8(bytes.subarray(at + 1, next))) {
    throw new AmqpError("frame_error", "Malformed UTF-8 in shortstr", 0);
  }
  return next;
}
