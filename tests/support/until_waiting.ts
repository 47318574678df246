import type { Broker } from "./amqp.ts";
import { eventually } from "./eventually.ts";

// The broker does not tell when a queue has changed.
const lookEvery = 20;

/** Waits until the number of messages that wait in a queue is right, 15 s unless `ms` is given. */
export async function untilWaiting(
  broker: Pick<Broker, "waiting">,
  queue: string,
  isRight: (count: number) => boolean,
  ms?: number,
): Promise<void> {
  let count = await broker.waiting(queue);
  const look = async () => {
    await new Promise((resolve) => setTimeout(resolve, lookEvery));
    count = await broker.waiting(queue);
  };
  await eventually(
    `the right number of messages in '${queue}'`,
    () => isRight(count),
    look,
    () => [count],
    ms,
  );
}
