import { setTimeout as wait } from "node:timers/promises";
import { readRequest, writeResponse } from "./http_message.ts";

/** What a server allows its clients. */
export interface HttpLimits {
  /** At once; for a further one the oldest has to go. */
  readonly connections: number;
  /** ms from the connection to the end of the answer. */
  readonly time: number;
}

/** A server that listens. */
export interface HttpServer {
  readonly hostname: string;
  readonly port: number;
  /** Stops listening, and ends the connections there are. */
  close(): Promise<void>;
}

const defaultLimits: HttpLimits = { connections: 64, time: 5_000 };

/** ms to wait where a connection could not be accepted, as without a file descriptor for it. */
const acceptAgain = 100;

/**
 * Serves short answers, one a connection. Clients that are slow or many cost the others nothing, and a process that was
 * out of file descriptors is reached again: `Deno.serve` ends at the first, and `node:http` hears nobody after it.
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
      // The client has gone, or had to go.
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

/** Closes only once the client has: what it still sends would otherwise cost it the answer. */
async function hangUp(connection: Deno.Conn): Promise<void> {
  await connection.closeWrite();
  const rest = new Uint8Array(1024);
  while (await connection.read(rest) !== null);
}
