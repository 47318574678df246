/** A cluster of private RabbitMQ nodes, for the loss of a leader. */

import { type RabbitNode, startFamily, startRabbitmq } from "./rabbitmq_node.ts";

/** Nodes that know each other. All are stopped when it goes out of scope. */
export interface Cluster extends AsyncDisposable {
  readonly nodes: readonly RabbitNode[];
  /** The nodes' URLs, separated by commas. */
  readonly url: string;
  /** The node with the leader of a quorum queue. */
  leaderOf(queue: string): Promise<RabbitNode>;
}

/** Starts three nodes and joins them, which takes about 25 s. */
export async function startCluster(): Promise<Cluster> {
  await using stack = new AsyncDisposableStack();
  const family = stack.use(startFamily());
  const starting = [1, 2, 3].map(() => startRabbitmq({ family }));
  const started = await Promise.allSettled(starting);
  const nodes = started.flatMap((one) => one.status === "fulfilled" ? [stack.use(one.value)] : []);
  for (const one of started) if (one.status === "rejected") throw one.reason;
  const [first, ...others] = nodes as [RabbitNode, ...RabbitNode[]];
  for (const node of others) {
    await node.ctl("stop_app");
    await node.ctl("join_cluster", first.name);
    await node.ctl("start_app");
  }
  const owned = stack.move();
  return {
    nodes,
    url: nodes.map(({ url }) => url).join(","),
    async leaderOf(queue) {
      const lines = (await first.ctl("list_queues", "name", "leader")).split("\n");
      const leader = lines.map((line) => line.split("\t")).find(([name]) => name === queue)?.[1];
      const node = nodes.find(({ name }) => name === leader?.trim());
      if (node === undefined) {
        throw new Error(`No node leads '${queue}'; the queues are:\n${lines.join("\n")}`);
      }
      return node;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
