import { createServer, type Server, type Socket } from "node:net";
import { AmqpError, PortTaken } from "./errors.ts";
import { Connection, type Shared } from "./connection/connection.ts";

/** Accepts clients on one address and keeps track of them until they are gone. */
export class Listener {
  readonly connections = new Set<Connection>();
  readonly #server: Server;

  constructor(readonly shared: Shared) {
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Resolves with the port when clients can connect. */
  listen(hostname: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) => {
        const isTaken = error.code === "EADDRINUSE";
        reject(isTaken ? new PortTaken(hostname, port, { cause: error }) : error);
      });
      this.#server.listen(port, hostname, () => {
        const address = this.#server.address();
        resolve(typeof address === "object" && address ? address.port : port);
      });
    });
  }

  /** Tells every client, hangs up, and resolves when the last socket is closed. */
  async close(): Promise<void> {
    const serverClosed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const socketsClosed = [...this.connections].map(({ socket }) =>
      new Promise<void>((resolve) => socket.once("close", () => resolve()))
    );
    const reason = new AmqpError(
      "connection_forced",
      "broker forced connection closure with reason 'shutdown'",
    );
    for (const connection of [...this.connections]) {
      if (connection.phase === "open") connection.fail(reason);
      connection.flush();
      connection.end();
    }
    await Promise.all([serverClosed, ...socketsClosed]);
  }

  unblock(): void {
    for (const connection of this.connections) connection.unblock();
  }

  #accept(socket: Socket): void {
    if (this.connections.size >= this.shared.limits.connections) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, this.shared, () => this.connections.delete(connection));
    this.connections.add(connection);
  }
}
