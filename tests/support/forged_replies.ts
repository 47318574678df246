/** Direct reply addresses that no broker has given out. */

const prefix = "amq.rabbitmq.reply-to.";
const encode = (...bytes: number[]) => Uint8Array.from(bytes).toBase64();
const chars = (text: string) => [...new TextEncoder().encode(text)];
/** A process of a node, in Erlang's external term format. */
const processOf = (
  node: string,
) => [131, 88, 118, 0, node.length, ...chars(node), 0, 0, 3, 1, ...Array(8).fill(0)];
const key = "S1Hqq5WBT7A6gENGdboUqw==";

/** An address with a number in place of the process. */
export const noProcess: string = `${prefix}${encode(131, 97, 1)}.${key}`;

export const forgedReplies: readonly string[] = [
  `${prefix}g1h2AAN3D3JlcGx5QGxvY2FsaG9zdAAAAAEAAAAAAAAAAA==.aaa`,
  `${prefix}a.b`,
  `${prefix}${encode(1, 2, 3)}.${key}`,
  noProcess,
  `${prefix}${encode(...processOf(""))}.${key}`,
  `${prefix}${encode(...processOf("reply@localhost"))}.${key}`,
  // A node that is not, or no longer, in the cluster.
  `${prefix}${encode(...processOf("reply@99999"))}.${key}`,
  `${prefix}${encode(...processOf("reply@99999"), 1, 2)}.${key}`,
];
