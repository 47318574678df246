import type { Connection } from "../core/ports/amqp.ts";
import { openLink, type OpenOptions } from "./open_link.ts";

/** A connection of one's own. */
export interface OpenConnection extends AsyncDisposable {
  readonly connection: Connection;
}

/** Connects to ask a broker something. Rejects as `connect` does. */
export async function openConnection(url: string, options: OpenOptions): Promise<OpenConnection> {
  const link = await openLink(url, options);
  return { connection: await link.connection(), [Symbol.asyncDispose]: () => link.close() };
}
