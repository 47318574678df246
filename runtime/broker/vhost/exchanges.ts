/** exchange.declare and exchange.delete: who may do it, and in what a second declaration must agree with the first. */
import { assertSame, assertSameArguments } from "../equivalence.ts";
import { AmqpError, exchangeNamed, noExchange } from "../errors.ts";
import { Exchange, isExchangeType } from "../exchange/exchange.ts";
import type { Table } from "../../amqp/table.ts";
import type { VirtualHost } from "./vhost.ts";

export interface ExchangeDeclaration {
  name: string;
  type: string;
  passive: boolean;
  durable: boolean;
  autoDelete: boolean;
  internal: boolean;
  args: Table;
}

export function findExchange(vhost: VirtualHost, name: string): Exchange {
  const exchange = vhost.exchanges.get(name);
  if (!exchange) throw noExchange(name);
  return exchange;
}

export function refuseDefaultExchange(name: string): void {
  if (name === "") throw new AmqpError("access_refused", "operation not permitted on the default exchange");
}

export function declareExchange(vhost: VirtualHost, declaration: ExchangeDeclaration): void {
  const { name, type, args, passive, durable, autoDelete, internal } = declaration;
  refuseDefaultExchange(name);
  if (passive) return void findExchange(vhost, name);
  if (!isExchangeType(type)) {
    throw new AmqpError(
      vhost.profile.unknownType,
      `${type === "" ? "invalid" : "unknown"} exchange type '${type}'`,
    );
  }
  const existing = vhost.exchanges.get(name);
  if (existing) return assertEquivalent(existing, declaration);
  if (name.startsWith("amq.")) {
    throw new AmqpError("access_refused", `exchange name '${name}' contains reserved prefix 'amq.*'`);
  }
  const alternate = args.get("alternate-exchange");
  if (alternate && alternate.type !== "longstr") {
    throw new AmqpError(
      "precondition_failed",
      `invalid type '${alternate.type}' for arg 'alternate-exchange' in ${exchangeNamed(name)}`,
    );
  }
  vhost.addExchange(new Exchange(name, type, durable, autoDelete, internal, args));
}

function assertEquivalent(existing: Exchange, declaration: ExchangeDeclaration): void {
  const subject = exchangeNamed(existing.name);
  assertSame("type", subject, declaration.type, existing.type);
  assertSame("durable", subject, declaration.durable, existing.durable);
  assertSame("auto_delete", subject, declaration.autoDelete, existing.autoDelete);
  assertSame("internal", subject, declaration.internal, existing.internal);
  assertSameArguments(subject, declaration.args, existing.args, ["alternate-exchange"]);
}

export function deleteExchange(vhost: VirtualHost, name: string, ifUnused: boolean): void {
  refuseDefaultExchange(name);
  if (name.startsWith("amq.")) {
    throw new AmqpError("access_refused", `deletion of system ${exchangeNamed(name)} not allowed`);
  }
  const exchange = vhost.exchanges.get(name);
  if (!exchange) return;
  if (ifUnused && exchange.bindings.size > 0) {
    throw new AmqpError("precondition_failed", `${exchangeNamed(name)} in use`);
  }
  vhost.deleteExchange(exchange);
}
