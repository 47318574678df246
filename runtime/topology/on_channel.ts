import type { Channel, Connection } from "../core/ports/amqp.ts";

/** Does work on a separate channel, because the broker closes the channel when it refuses. Rejects as the work does. */
export async function onChannel<T>(
  connection: Connection,
  work: (channel: Channel) => T | Promise<T>,
): Promise<T> {
  const channel = await connection.openChannel();
  try {
    return await work(channel);
  } finally {
    await channel.close();
  }
}
