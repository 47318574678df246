import { AmqpError } from "../../errors.ts";
import { Method } from "../../../amqp/method.ts";
import { bare } from "../../protocol/replies.ts";
import type { Channel } from "../channel.ts";
import type { Transaction } from "../transaction.ts";
import type { Handlers } from "./handler.ts";

export const modeMethods: Handlers = [
  [Method.ConfirmSelect, (channel, fields) => {
    if (channel.mode.kind === "tx") throw cannotSwitch("tx", "confirm");
    channel.startConfirms();
    if ((fields.octet() & 1) === 0) bare(channel.connection.out, channel.id, Method.ConfirmSelectOk);
  }],
  [Method.TxSelect, (channel) => {
    if (channel.mode.kind === "confirm") throw cannotSwitch("confirm", "tx");
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

function transactionOf({ mode }: Channel): Transaction {
  if (mode.kind !== "tx") throw new AmqpError("precondition_failed", "channel is not transactional");
  return mode.transaction;
}

function cannotSwitch(from: string, to: string): AmqpError {
  return new AmqpError("precondition_failed", `cannot switch from ${from} to ${to} mode`);
}
