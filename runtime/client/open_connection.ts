import type { Connection } from "../core/ports/amqp.ts";
import { openLink, type OpenOptions } from "./open_link.ts";

/** One connection, closed when it is disposed of. */
export interface OpenConnection extends AsyncDisposable {
  readonly connection: Connection;
}

/** Connects to ask a broker something. Rejects with the same errors as `connect`. */
export async function openConnection(url: string, options: OpenOptions): Promise<OpenConnection> {
  const link = await openLink(url, options);
  return { connection: await link.connection(), [Symbol.asyncDispose]: () => link.close() };
}
