/** A TCP proxy on the loopback address that can disturb the link between a client and a server. */

import { type Noise, TcpLink } from "./tcp_link.ts";

/** The direction of bytes. */
export type Direction = "to server" | "to client";

/** The faults of a link. */
export interface Fault {
  /** Connections are closed, and new ones at once. */
  cut: boolean;
  /** Bytes in these directions are dropped, on existing and new connections, which never recover. */
  silent: readonly Direction[];
  /** The delay of all bytes, each way, in milliseconds. */
  delayMs: number;
}

const fine: Fault = { cut: false, silent: [], delayMs: 0 };

/** A proxy in front of one server. It and all its connections are closed when it goes out of scope. */
export class TcpProxy implements AsyncDisposable {
  readonly port: number;
  readonly #target: number;
  readonly #listener: Deno.TcpListener;
  readonly #accepting: Promise<void>;
  readonly #links = new Set<TcpLink>();
  #fault: Fault = fine;
  #poison: string | undefined;

  constructor(target: number) {
    this.#target = target;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = this.#listener.addr.port;
    this.#accepting = this.#accept();
  }

  /** `url` through this proxy. */
  via(url: string): string {
    const through = new URL(url);
    through.port = `${this.port}`;
    return through.href;
  }

  /** Closes every connection, and each new one at once. */
  cut(): void {
    this.#fault = { ...fine, cut: true };
    for (const link of this.#links) link.close();
  }

  /** How many connections exist. */
  get connections(): number {
    return this.#links.size;
  }

  /** Drops what either side sends. */
  blackHole(): void {
    this.#silence(["to server", "to client"]);
  }

  /** Drops what is sent one way. The other way works. */
  halfOpen(silent: Direction): void {
    this.#silence([silent]);
  }

  /** Delays all bytes. */
  delay(ms: number): void {
    this.#fault = { ...fine, delayMs: ms };
  }

  /** Replaces the next bytes to the client on every connection with noise, once. */
  corrupt(noise: Noise = (bytes) => crypto.getRandomValues(bytes)): void {
    for (const link of this.#links) link.corrupt(noise);
  }

  /** Closes each connection on which a client sends this text. The text does not arrive. */
  cutAt(text: string): void {
    this.#poison = text;
  }

  /** Lets new connections work again, and those that were only delayed. */
  heal(): void {
    this.#fault = fine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    for (const link of this.#links) link.close();
    await Promise.all([...this.#links].map(({ ended }) => ended));
  }

  #silence(silent: readonly Direction[]): void {
    this.#fault = { ...fine, silent };
    for (const link of this.#links) link.silence(silent);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      if (this.#fault.cut) {
        client.close();
        continue;
      }
      const link = new TcpLink(client, this.#target, () => this.#fault.delayMs, () => this.#poison);
      link.silence(this.#fault.silent);
      this.#links.add(link);
      link.ended.finally(() => this.#links.delete(link));
    }
  }
}

/**
 * Starts a proxy in front of a port of the loopback address.
 *
 * ```ts ignore
 * await using proxy = startTcpProxy(node.port);
 * const connection = await connect(proxy.via(node.url));
 * proxy.blackHole();
 * proxy.heal();
 * ```
 */
export function startTcpProxy(target: number): TcpProxy {
  return new TcpProxy(target);
}
