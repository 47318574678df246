import { AmqpError } from "../../errors.ts";
import { Method } from "../../../amqp/method.ts";
import { bare } from "../../protocol/replies.ts";
import type { Channel } from "../channel.ts";
import type { Transaction } from "../transaction.ts";
import type { Handler } from "./mod.ts";

/** A channel confirms, or has transactions, or neither; the first choice stands. */
export const modeMethods: [number, Handler][] = [
  [Method.ConfirmSelect, (channel, fields) => {
    if (channel.mode === "tx") throw cannotSwitch("tx", "confirm");
    channel.startConfirms();
    if ((fields.octet() & 1) === 0) bare(channel.connection.out, channel.id, Method.ConfirmSelectOk);
  }],
  [Method.TxSelect, (channel) => {
    if (channel.mode === "confirm") throw cannotSwitch("confirm", "tx");
    channel.startTransactions();
    bare(channel.connection.out, channel.id, Method.TxSelectOk);
  }],
  [Method.TxCommit, (channel) => {
    transactionOf(channel).commit();
    bare(channel.connection.out, channel.id, Method.TxCommitOk);
  }],
  [Method.TxRollback, (channel) => {
    transactionOf(channel).rollback();
    bare(channel.connection.out, channel.id, Method.TxRollbackOk);
  }],
];

function transactionOf(channel: Channel): Transaction {
  if (!channel.transaction) throw new AmqpError("precondition_failed", "channel is not transactional");
  return channel.transaction;
}

function cannotSwitch(from: string, to: string): AmqpError {
  return new AmqpError("precondition_failed", `cannot switch from ${from} to ${to} mode`);
}
