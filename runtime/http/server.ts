import { setTimeout as wait } from "node:timers/promises";
import { readRequest, writeResponse } from "./message.ts";

/** Limits for a server's clients. */
export interface HttpLimits {
  /** How many connections may be open. One more closes the oldest. */
  readonly connections: number;
  /** Milliseconds from the connection to the end of the answer. */
  readonly time: number;
}

/** A server that listens. */
export interface HttpServer {
  readonly hostname: string;
  readonly port: number;
  /** Stops listening, and closes all connections. */
  close(): Promise<void>;
}

const defaultLimits: HttpLimits = { connections: 64, time: 5_000 };

/** Milliseconds to wait if a connection cannot be accepted, for example because no file descriptor is left. */
const acceptAgain = 100;

/**
 * Serves short answers, one per connection. Slow or many clients do not harm others, and the server works again after
 * the process ran out of file descriptors. (`Deno.serve` would end then, and `node:http` would accept nothing more.)
 *
 * Throws `Deno.errors.AddrInUse` if another program listens there.
 */
export function serveHttp(
  address: { readonly hostname: string; readonly port: number },
  answer: (request: Request) => Response | Promise<Response>,
  limits: HttpLimits = defaultLimits,
): HttpServer {
  const listener = Deno.listen(address);
  const open = new Set<Deno.Conn>();
  const end = (connection: Deno.Conn) => {
    if (open.delete(connection)) connection.close();
  };
  const serve = async (connection: Deno.Conn) => {
    open.add(connection);
    if (open.size > limits.connections) end(open.values().next().value!);
    const timer = setTimeout(() => end(connection), limits.time);
    try {
      const { request, isHead } = await readRequest(connection);
      await writeResponse(connection, request === undefined ? badRequest() : await answer(request), isHead);
      await hangUp(connection);
    } catch {
      // The client closed the connection, or a limit did.
    } finally {
      clearTimeout(timer);
      end(connection);
    }
  };
  const served = new Set<Promise<void>>();
  let closed = false;
  const accept = async () => {
    while (!closed) {
      try {
        const serving = serve(await listener.accept());
        served.add(serving);
        serving.then(() => served.delete(serving));
      } catch {
        if (!closed) await wait(acceptAgain);
      }
    }
  };
  const accepting = accept();
  return {
    hostname: listener.addr.hostname,
    port: listener.addr.port,
    async close() {
      closed = true;
      listener.close();
      for (const connection of open) end(connection);
      await Promise.all([accepting, ...served]);
    },
  };
}

function badRequest(): Response {
  return new Response("This request is not understood\n", { status: 400 });
}

/** Waits until the client closes. Closing earlier, while it still sends, could make it lose the answer. */
async function hangUp(connection: Deno.Conn): Promise<void> {
  await connection.closeWrite();
  const rest = new Uint8Array(1024);
  while (await connection.read(rest) !== null);
}
