import { Recent } from "../core/recent.ts";

/*
 * The address of a direct reply names a process on one of RabbitMQ's nodes. If there is no such node (because it is
 * forged, or has left the cluster), RabbitMQ ends the connection that sends a message to it. The part of the address
 * after the node is harmless.
 */

const prefix = "amq.rabbitmq.reply-to.";

// Erlang's external term format: a process is NEW_PID_EXT or PID_EXT, with its node as an atom.
const version = 131;
const processBytes = new Map([[88, 12], [103, 9]]);
const atomLengthBytes = new Map([[100, 2], [118, 2], [115, 1], [119, 1]]);

/** Whether a routing key has the form of an address for direct replies. Anybody can write such an address. */
export function isDirectReply(routingKey: string): boolean {
  return routingKey.startsWith(prefix);
}

const maxProven = 1000;

/** Addresses that a message was sent to without harm, and all others at the same nodes. */
export class ProvenReplies {
  readonly #nodes = new Recent(maxProven);
  /** Addresses at these nodes, so that the next reply need not be decoded. */
  readonly #addresses = new Recent(maxProven);

  /** Whether a routing key is known to be harmless, which all are that name no node. */
  has(routingKey: string): boolean {
    if (!isDirectReply(routingKey) || this.#addresses.has(routingKey)) return true;
    const node = nodeOf(routingKey);
    if (node === undefined) return true;
    if (!this.#nodes.has(node)) return false;
    this.#addresses.add(routingKey);
    return true;
  }

  add(routingKey: string): void {
    const node = nodeOf(routingKey);
    if (node !== undefined) this.#nodes.add(node);
  }
}

/**
 * The part of an address that decides whether it is harmful: its node, or the whole address if it names none.
 * `undefined` for an address that RabbitMQ does not decode.
 */
function nodeOf(routingKey: string): string | undefined {
  if (!isDirectReply(routingKey)) return undefined;
  const parts = routingKey.slice(prefix.length).split(".");
  if (parts.length !== 2) return undefined;
  const term = bytesOf(parts[0]!);
  if (term === undefined || term[0] !== version) return routingKey;
  const tail = processBytes.get(term[1]!);
  const length = lengthAt(term, 3, atomLengthBytes.get(term[2]!));
  if (tail === undefined || length === undefined || term.length !== length + tail) return routingKey;
  return prefix + term.subarray(0, length).toBase64();
}

/** Where the atom ends whose length is at `at`. */
function lengthAt(term: Uint8Array, at: number, bytes: number | undefined): number | undefined {
  if (bytes === undefined || term.length < at + bytes) return undefined;
  const length = bytes === 1 ? term[at]! : term[at]! << 8 | term[at + 1]!;
  return at + bytes + length;
}

function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(base64);
  } catch {
    return undefined;
  }
}
