import { Method } from "../../../amqp/method.ts";
import type { Reader } from "../../../amqp/reader.ts";
import { bare } from "../../protocol/replies.ts";
import { readTable } from "../../../amqp/table.ts";
import { bind, type BindingRequest, unbind } from "../../vhost/bindings.ts";
import { declareExchange, deleteExchange } from "../../vhost/exchanges.ts";
import { stripLineBreaks } from "../../vhost/names.ts";
import type { Handlers } from "./handler.ts";

export const exchangeMethods: Handlers = [
  [Method.ExchangeDeclare, ({ connection, id }, fields) => {
    fields.skip(2);
    const name = stripLineBreaks(fields.shortString());
    const type = fields.shortString();
    const flags = fields.octet();
    declareExchange(connection.vhost, {
      name,
      type,
      passive: (flags & 1) !== 0,
      durable: (flags & 2) !== 0,
      autoDelete: (flags & 4) !== 0,
      internal: (flags & 8) !== 0,
      args: readTable(fields),
    });
    if ((flags & 16) === 0) bare(connection.out, id, Method.ExchangeDeclareOk);
  }],
  [Method.ExchangeDelete, ({ connection, id }, fields) => {
    fields.skip(2);
    const name = stripLineBreaks(fields.shortString());
    const flags = fields.octet();
    deleteExchange(connection.vhost, name, (flags & 1) !== 0);
    if ((flags & 2) === 0) bare(connection.out, id, Method.ExchangeDeleteOk);
  }],
  [Method.ExchangeBind, ({ connection, id }, fields) => {
    const { request, noWait } = readBinding(fields);
    bind(connection.vhost, request, connection);
    if (!noWait) bare(connection.out, id, Method.ExchangeBindOk);
  }],
  [Method.ExchangeUnbind, ({ connection, id }, fields) => {
    const { request, noWait } = readBinding(fields);
    unbind(connection.vhost, request, connection);
    if (!noWait) bare(connection.out, id, Method.ExchangeUnbindOk);
  }],
];

function readBinding(fields: Reader): { request: BindingRequest; noWait: boolean } {
  fields.skip(2);
  const destination = stripLineBreaks(fields.shortString());
  const source = stripLineBreaks(fields.shortString());
  const key = fields.shortString();
  const noWait = (fields.octet() & 1) !== 0;
  return { request: { kind: "exchange", source, destination, key, args: readTable(fields) }, noWait };
}
