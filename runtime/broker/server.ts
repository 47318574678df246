import { AmqpError, PortTaken } from "./errors.ts";
import { Connection, type ConnectionHost, type Shared } from "./connection/connection.ts";
import { takeFrames } from "./connection/frames.ts";
import { affordableConnections } from "./descriptors.ts";
import { Door } from "./door.ts";

/** The addresses that only this machine reaches; one without IPv6 has only the first. */
const loopback = ["127.0.0.1", "::1"];

/** How often another free port is tried, where the one for the first address is taken on the second. */
const maxPicks = 10;

/** The share of all connections that need not have logged in. */
const strangerShare = 1 / 4;

/** Lets clients in and keeps track of them until they are gone. */
export class Listener implements ConnectionHost {
  readonly takeFrames = takeFrames;
  readonly #connections = new Set<Connection>();
  /** Those that have not logged in yet, the one that has waited longest first. */
  readonly #strangers = new Set<Connection>();
  readonly #limit: number;
  #doors: Door[] = [];

  constructor(readonly shared: Shared) {
    this.#limit = Math.min(shared.limits.connections, affordableConnections());
  }

  /** Listens at the address, at both loopback addresses for `localhost`, and returns the port. */
  async listen(hostname: string, port: number): Promise<number> {
    for (let tries = 1;; tries++) {
      try {
        return this.#open(hostname === "localhost" ? loopback : [hostname], port);
      } catch (error) {
        await this.#closeDoors();
        if (port !== 0 || tries === maxPicks || !(error instanceof PortTaken)) throw error;
      }
    }
  }

  /** Why nobody, or nobody else, can connect at the moment. */
  get trouble(): string | undefined {
    const failed = this.#doors.find(({ trouble }) => trouble);
    if (failed) return `no client can connect: ${failed.trouble!.message}`;
    if (this.#connections.size < this.#limit || this.#strangers.size > 0) return undefined;
    return `no further client can connect: there are ${this.#limit}, which is the limit`;
  }

  /** Tells every client, closes all connections, and resolves when the last one is closed. */
  async close(): Promise<void> {
    const doorsClosed = this.#closeDoors();
    const connections = [...this.#connections];
    const reason = new AmqpError(
      "connection_forced",
      "broker forced connection closure with reason 'shutdown'",
    );
    for (const connection of connections) {
      if (connection.session.phase === "open") connection.fail(reason);
      connection.flush();
      connection.end();
    }
    await Promise.all([doorsClosed, ...connections.map(({ done }) => done)]);
  }

  /** There is enough memory and disk again. */
  unblock(): void {
    for (const connection of this.#connections) connection.unblock();
  }

  opened(connection: Connection): void {
    this.#strangers.delete(connection);
  }

  ended(connection: Connection): void {
    this.#connections.delete(connection);
    this.#strangers.delete(connection);
  }

  #open(hostnames: readonly string[], port: number): number {
    for (const hostname of hostnames) {
      const chosen = this.#doors[0]?.port ?? port;
      try {
        this.#doors.push(new Door(hostname, chosen, (conn) => this.#welcome(conn), this.shared.report));
      } catch (error) {
        if (this.#doors.length === 0 || error instanceof PortTaken) throw error;
      }
    }
    return this.#doors[0]!.port;
  }

  async #closeDoors(): Promise<void> {
    const doors = this.#doors;
    this.#doors = [];
    await Promise.all(doors.map((door) => door.close()));
  }

  /** Where there are too many, the client that has waited longest without a login makes room; all others stay. */
  #welcome(conn: Deno.TcpConn): void {
    const isFull = this.#connections.size >= this.#limit;
    if (isFull || this.#strangers.size >= Math.ceil(this.#limit * strangerShare)) {
      const [oldest] = this.#strangers;
      if (!oldest) return conn.close();
      oldest.end();
    }
    const connection = new Connection(conn, this.shared, this);
    this.#connections.add(connection);
    this.#strangers.add(connection);
  }
}
