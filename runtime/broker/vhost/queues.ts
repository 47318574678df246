/** queue.declare and queue.delete: who may do it, and in what a second declaration must agree with the first. */
import { assertSame, assertSameArguments } from "../equivalence.ts";
import { AmqpError, noQueue, queueNamed } from "../errors.ts";
import { longstr, type Table } from "../../amqp/table.ts";
import type { Profile } from "../profile.ts";
import { comparedArguments, parseArguments } from "../queue/arguments.ts";
import { newQueue } from "../queue/new_queue.ts";
import type { Owner, Queue } from "../queue/queue.ts";
import { generatedName } from "./names.ts";
import type { VirtualHost } from "./vhost.ts";

export interface QueueDeclaration {
  name: string;
  passive: boolean;
  durable: boolean;
  exclusive: boolean;
  autoDelete: boolean;
  args: Table;
}

/** The queue of this name. Throws 404 where there is none, and 405 where it is exclusive to another connection. */
export function findQueue(vhost: VirtualHost, name: string, connection: Owner): Queue {
  const queue = vhost.queues.get(name);
  if (!queue) throw noQueue(name);
  if (queue.owner && queue.owner !== connection) throw locked(name);
  return queue;
}

export function declareQueue(vhost: VirtualHost, declaration: QueueDeclaration, connection: Owner): Queue {
  const queue = declaration.passive
    ? findQueue(vhost, declaration.name, connection)
    : findOrCreate(vhost, declaration, connection);
  queue.redeclared();
  return queue;
}

function findOrCreate(vhost: VirtualHost, declaration: QueueDeclaration, connection: Owner): Queue {
  const name = declaration.name || generatedName("amq.gen");
  const owner = declaration.exclusive ? connection : undefined;
  const existing = vhost.queues.get(name);
  if (declaration.name.startsWith("amq.")) {
    throw new AmqpError("access_refused", `queue name '${name}' contains reserved prefix 'amq.*'`);
  }
  const { autoDelete, args } = declaration;
  if (existing) {
    assertEquivalent(existing, declaration, owner, vhost.profile);
    return existing;
  }
  const settings = parseArguments({ ...declaration, name }, vhost.profile);
  const durable = isDurable(declaration);
  const queue = newQueue({ name, durable, autoDelete, owner, args, settings }, vhost);
  vhost.addQueue(queue);
  return queue;
}

/** An exclusive queue is never durable, as it ends with its connection. */
const isDurable = ({ durable, exclusive }: QueueDeclaration) => durable && !exclusive;

function assertEquivalent(
  existing: Queue,
  declaration: QueueDeclaration,
  owner: Owner | undefined,
  { namesClassic }: Profile,
): void {
  const subject = queueNamed(existing.name);
  if (existing.owner !== owner) throw locked(existing.name);
  assertSame("durable", subject, isDurable(declaration), existing.durable);
  assertSame("auto_delete", subject, declaration.autoDelete, existing.autoDelete);
  const typed = (args: Table) => withType(args, namesClassic);
  assertSameArguments(subject, typed(declaration.args), typed(existing.args), comparedArguments);
}

/** A queue of the default type is the same with and without its name; both are shown as the profile says. */
function withType(args: Table, namesClassic: boolean): Table {
  if ((args.get("x-queue-type")?.value ?? "classic") !== "classic") return args;
  const typed = new Map(args).set("x-queue-type", longstr("classic"));
  if (!namesClassic) typed.delete("x-queue-type");
  return typed;
}

/** Deletes the queue and returns how many messages waited in it: 0 where there is no such queue. */
export function deleteQueue(
  vhost: VirtualHost,
  name: string,
  conditions: { ifUnused: boolean; ifEmpty: boolean },
  connection: Owner,
): number {
  if (!vhost.queues.has(name)) return 0;
  const queue = findQueue(vhost, name, connection);
  if (queue.settings.type === "quorum") refuseConditions(name, conditions);
  // As RabbitMQ does, which looks at neither condition.
  if (queue.settings.type === "stream") return vhost.deleteQueue(queue);
  if (conditions.ifEmpty && queue.length > 0) {
    throw new AmqpError("precondition_failed", `${queueNamed(name)} not empty`);
  }
  if (conditions.ifUnused && queue.consumers.size > 0) {
    throw new AmqpError("precondition_failed", `${queueNamed(name)} in use`);
  }
  return vhost.deleteQueue(queue);
}

function refuseConditions(
  name: string,
  { ifUnused, ifEmpty }: { ifUnused: boolean; ifEmpty: boolean },
): void {
  if (!ifUnused && !ifEmpty) return;
  throw new AmqpError(
    "not_implemented",
    `cannot delete ${queueNamed(name)}. queue.delete operations with ${
      ifUnused ? "if-unused" : "if-empty"
    } ` +
      "flag set are not supported by quorum queues",
  );
}

function locked(name: string): AmqpError {
  return new AmqpError(
    "resource_locked",
    `cannot obtain exclusive access to locked ${
      queueNamed(name)
    }. It could be originally declared on another ` +
      "connection or the exclusive property value does not match that of the original declaration.",
  );
}
