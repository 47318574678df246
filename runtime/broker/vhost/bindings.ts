/** queue.bind and exchange.bind, queue.unbind and exchange.unbind. */
import type { Table } from "../../amqp/table.ts";
import { noExchange, noQueue } from "../errors.ts";
import { bindingOf, identityOf } from "../exchange/binding.ts";
import type { Destination } from "../exchange/exchange.ts";
import { checkMatch } from "../exchange/headers.ts";
import { checkPattern } from "../exchange/topic.ts";
import type { Owner } from "../queue/queue.ts";
import { findExchange, refuseDefaultExchange } from "./exchanges.ts";
import { findQueue } from "./queues.ts";
import type { VirtualHost } from "./vhost.ts";

export interface BindingRequest {
  kind: Destination["kind"];
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
  vhost.addBinding(bindingOf(source, destination, request.key, request.args, vhost.profile));
}

/** Removes a binding; it is no error when there is none. */
export function unbind(vhost: VirtualHost, request: BindingRequest, connection: Owner): void {
  const { kind, source, destination, key, args } = request;
  refuseDefaultExchange(source);
  if (kind === "exchange") refuseDefaultExchange(destination);
  const binding = vhost.exchanges.get(source)?.bindings.get(identityOf(kind, destination, key, args));
  if (!binding) return;
  findDestination(vhost, request, connection);
  vhost.removeBinding(binding);
}

function findDestination(vhost: VirtualHost, request: BindingRequest, connection: Owner) {
  if (request.kind === "exchange") return vhost.exchanges.get(request.destination);
  return vhost.queues.has(request.destination)
    ? findQueue(vhost, request.destination, connection)
    : undefined;
}
