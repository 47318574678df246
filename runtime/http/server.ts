import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { within } from "../core/within.ts";
import { type Answer, Connection } from "./connection.ts";
import { defaultLimits, type HttpLimits } from "./limits.ts";
import { refusalOf } from "./refusal.ts";
import { AcceptedSocket } from "./socket.ts";

/** A server that listens. */
export interface HttpServer {
  readonly hostname: string;
  readonly port: number;
  /**
   * Stops listening, and closes all connections: those with a request when it is answered, or after `graceMs`; those
   * with a stream, which may have no end, at once.
   */
  close(graceMs?: number): Promise<void>;
}

/** Milliseconds to wait if a connection cannot be accepted, for example because no file descriptor is left. */
const acceptAgain = 100;

/**
 * Serves HTTP/1.1. Slow or many clients do not harm others, and the server works again after the process ran out of
 * file descriptors. (`Deno.serve` would end then, and a listening `node:http` would accept nothing more: so connections
 * are accepted here, and `node:http` reads and writes what is HTTP about them.)
 *
 * `answer` gets each request with its body as a stream, and a signal that aborts when the client goes. An answer whose
 * body is a stream is sent as it comes, and cancelled when the client goes or reads nothing for too long.
 *
 * Throws `Deno.errors.AddrInUse` if another program listens there.
 *
 * @example
 * ```ts ignore
 * const server = serveHttp({ hostname: "127.0.0.1", port: 0 }, () => new Response("hello"), { body: 64 * 1024 });
 * ```
 */
export function serveHttp(
  address: { readonly hostname: string; readonly port: number },
  answer: Answer,
  changed: Partial<HttpLimits> = {},
): HttpServer {
  const limits = { ...defaultLimits, ...changed };
  const { hostname, port } = address;
  const listener = Deno.listen({ hostname, port });
  const open = new Map<Duplex, Connection>();
  const http = httpOver(open, limits);

  const serve = (accepted: Deno.TcpConn) => {
    if (open.size >= limits.connections) closeOne(open);
    const socket = new AcceptedSocket(accepted, limits.stallMs);
    open.set(socket, new Connection(socket, answer, limits));
    socket.once("close", () => open.delete(socket));
    http.emit("connection", socket);
  };

  let closing: Promise<void> | undefined;
  const accept = async () => {
    while (!closing) {
      try {
        serve(await listener.accept());
      } catch {
        if (!closing) await wait(acceptAgain);
      }
    }
  };
  const accepting = accept();
  const close = async (graceMs: number) => {
    listener.close();
    const connections = [...open.values()];
    for (const connection of connections) {
      if (connection.isIdle || connection.isStreaming) connection.close();
    }
    await within(graceMs, Promise.all(connections.map(({ answered }) => answered)));
    for (const connection of connections) connection.close();
    await Promise.all([accepting, ...connections.map(({ answered }) => answered)]);
  };
  return {
    hostname: listener.addr.hostname,
    port: listener.addr.port,
    close: (graceMs = 0) => closing ??= close(graceMs),
  };
}

/** The oldest that has no request, or else the oldest. */
function closeOne(open: ReadonlyMap<Duplex, Connection>): void {
  const connections = [...open.values()];
  (connections.find(({ isIdle }) => isIdle) ?? connections[0])?.close();
}

/** What reads requests from the open connections, and writes answers to them. */
function httpOver(open: ReadonlyMap<Duplex, Connection>, { head, idleMs }: HttpLimits) {
  const take = (incoming: IncomingMessage, outgoing: ServerResponse, askForBody = () => {}) =>
    open.get(incoming.socket)?.take({ incoming, outgoing, askForBody });
  const http = createServer({ maxHeaderSize: head, keepAliveTimeout: idleMs });
  // One that does not listen itself would close each connection after its first answer.
  Object.defineProperty(http, "listening", { value: true });
  http.on("request", (incoming, outgoing) => take(incoming, outgoing));
  http.on("checkContinue", (incoming, outgoing) => take(incoming, outgoing, () => outgoing.writeContinue()));
  http.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const connection = open.get(socket);
    if (error.code === "ECONNRESET" || !connection) return socket.destroy();
    connection.refuse(refusalOf(error.code, head));
  });
  return http;
}
