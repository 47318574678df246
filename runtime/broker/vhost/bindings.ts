/** queue.bind, exchange.bind and their undoing. */
import { noExchange, noQueue } from "../errors.ts";
import type { Binding, Destination, Exchange } from "../exchange/exchange.ts";
import { checkMatch } from "../exchange/headers.ts";
import { Output } from "../../amqp/output.ts";
import { type Table, writeTable } from "../../amqp/table.ts";
import { checkPattern } from "../exchange/topic.ts";
import type { Owner } from "../queue/queue.ts";
import { findExchange, refuseDefaultExchange } from "./exchanges.ts";
import { findQueue } from "./queues.ts";
import type { VirtualHost } from "./vhost.ts";

export interface BindingRequest {
  kind: "queue" | "exchange";
  source: string;
  destination: string;
  key: string;
  args: Table;
}

export function bind(vhost: VirtualHost, request: BindingRequest, connection: Owner): void {
  refuseDefaultExchange(request.source);
  if (request.kind === "exchange") refuseDefaultExchange(request.destination);
  const destination = findDestination(vhost, request, connection);
  const source = findExchange(vhost, request.source);
  if (!destination) {
    throw request.kind === "queue" ? noQueue(request.destination) : noExchange(request.destination);
  }
  if (source.type === "headers") checkMatch(request.args);
  if (source.type === "topic") checkPattern(request.key, vhost.profile.maxHashes);
  vhost.addBinding(newBinding(source, destination, request));
}

/** Removes a binding; one that is not there is as good as removed. */
export function unbind(vhost: VirtualHost, request: BindingRequest, connection: Owner): void {
  refuseDefaultExchange(request.source);
  if (request.kind === "exchange") refuseDefaultExchange(request.destination);
  const binding = vhost.exchanges.get(request.source)?.bindings.get(identityOf(request));
  if (!binding) return;
  findDestination(vhost, request, connection);
  vhost.removeBinding(binding);
}

export function newBinding(source: Exchange, destination: Destination, request: BindingRequest): Binding {
  return { source, destination, key: request.key, args: request.args, identity: identityOf(request) };
}

function findDestination(vhost: VirtualHost, request: BindingRequest, connection: Owner) {
  if (request.kind === "exchange") return vhost.exchanges.get(request.destination);
  return vhost.queues.has(request.destination)
    ? findQueue(vhost, request.destination, connection)
    : undefined;
}

/** Bindings with the same ends, key and arguments are one; the arguments' order does not matter. */
function identityOf({ kind, destination, key, args }: BindingRequest): string {
  const out = new Output();
  writeTable(out, new Map([...args].sort(([a], [b]) => a < b ? -1 : 1)));
  return JSON.stringify([kind, destination, key, out.copy().toString("latin1")]);
}
