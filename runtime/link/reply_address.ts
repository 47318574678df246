/*
 * RabbitMQ reads a direct reply's address as a process of one of its nodes, and ends the connection that a message to
 * it comes by where it is none: where the node is forged, or has left the cluster. What follows the node in an address
 * that it can read does no harm, whatever it is.
 */

const prefix = "amq.rabbitmq.reply-to.";

// Erlang's external terms: a process as NEW_PID_EXT or PID_EXT, behind its node, which is an atom.
const version = 131;
const processBytes = new Map([[88, 12], [103, 9]]);
const atomLengthBytes = new Map([[100, 2], [118, 2], [115, 1], [119, 1]]);

/** What RabbitMQ makes addresses for direct replies of, and whoever is called may write as it likes. */
export function isDirectReply(routingKey: string): boolean {
  return routingKey.startsWith(prefix);
}

/**
 * What the harm an address may do depends on: the node it names, or all of it where it names none. Nothing for an
 * address that RabbitMQ does not read.
 */
export function nodeOf(routingKey: string): string | undefined {
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

/** Where an atom ends whose length is there. */
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
