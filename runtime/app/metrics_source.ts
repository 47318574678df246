import { BrokerError } from "../core/ports/amqp_errors.ts";
import { consumersOf, inFlight } from "../dispatch/drain.ts";
import type { AmqpConnection } from "../link/connection.ts";
import type { InspectChannel } from "../link/inspect_channel.ts";
import type { Supervisor } from "../link/supervisor.ts";
import type { FunctionNow, MetricsSource, QueueNow } from "../observe/metrics/source.ts";
import type { Deployment } from "./deployment.ts";
import type { Generation, Generations } from "./generation.ts";

// A queue of dead letters is made when the first message needs it. The broker closes the channel of who asks for one that
// does not exist, so that is asked less often.
const absentMs = 30_000;

type Deployed = Pick<Deployment, "serving" | "served">;

/** What metrics ask a running app for. */
export function metricsSource(
  deployment: Deployed,
  generations: Pick<Generations, "sentBy">,
  link: Pick<Supervisor, "current">,
): MetricsSource {
  const absent = new Map<string, number>();
  return {
    functions: () => deployment.serving.map((generation) => functionNow(generation, deployment, generations)),
    async queues() {
      const connection = link.current;
      if (connection === undefined) throw new Error("There is no connection to the broker");
      const now = performance.now();
      for (const [queue, since] of absent) if (now - since > absentMs) absent.delete(queue);
      const wanted = deployment.serving.flatMap(queuesOf).filter(({ queue }) => !absent.has(queue));
      return await countAll(connection, wanted, (queue) => absent.set(queue, now));
    },
  };
}

function functionNow(
  { plan, served: { name, availability, consumer } }: Generation,
  { served }: Deployed,
  generations: Pick<Generations, "sentBy">,
): FunctionNow {
  const all = served.filter((one) => one.name === name);
  const paused = consumer.paused !== undefined;
  const held = consumersOf(all).reduce((sum, { running, waiting }) => sum + running + waiting, 0);
  return {
    name,
    queue: plan.queue.name,
    inFlight: inFlight(all),
    unacked: held,
    attached: availability.trouble === undefined && (paused || consumer.missing === undefined),
    paused,
    sent: generations.sentBy(name),
  };
}

type Wanted = Omit<QueueNow, "ready">;

function queuesOf({ plan, served: { name, consumer } }: Generation): Wanted[] {
  const { queue } = consumer;
  const dead = plan.helpers.deadLetters?.name;
  return [
    ...queue === undefined ? [] : [{ function: name, queue, kind: "work" } as const],
    ...dead === undefined ? [] : [{ function: name, queue: dead, kind: "dead" } as const],
  ];
}

/** Counts what waits in queues. Those that do not exist are left out, and told to `onAbsent`. */
async function countAll(
  connection: Pick<AmqpConnection, "openInspectChannel">,
  wanted: readonly Wanted[],
  onAbsent: (queue: string) => void,
): Promise<QueueNow[]> {
  const found: QueueNow[] = [];
  let channel: InspectChannel | undefined;
  try {
    for (const one of wanted) {
      channel ??= await connection.openInspectChannel();
      try {
        found.push({ ...one, ready: await channel.count(one.queue) });
      } catch (error) {
        if (!(error instanceof BrokerError) || error.replyCode !== 404) throw error;
        channel = undefined;
        onAbsent(one.queue);
      }
    }
    return found;
  } finally {
    await channel?.close();
  }
}
