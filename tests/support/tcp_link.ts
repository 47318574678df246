/** One connection through the TCP proxy. */

import { Buffer } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import type { Direction } from "./tcp_proxy.ts";

/** How many bytes may be delayed at the same time, each way. Beyond that, no more are read. */
const maxLate = 8 * 2 ** 20;

/** The noise that replaces bytes. */
export type Noise = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

/** Carries bytes both ways between a client and a server, with the link's faults. */
export class TcpLink {
  /** Resolves when both sockets are closed. */
  readonly ended: Promise<void>;
  readonly #client: Deno.TcpConn;
  readonly #delayMs: () => number;
  readonly #poison: () => string | undefined;
  readonly #silent = new Set<Direction>();
  readonly #closing = new AbortController();
  #server: Deno.TcpConn | undefined;
  #noise: Noise | undefined;

  /** `poison` is a text that ends the link when the client sends it. */
  constructor(client: Deno.TcpConn, target: number, delayMs: () => number, poison: () => string | undefined) {
    this.#client = client;
    this.#delayMs = delayMs;
    this.#poison = poison;
    this.ended = this.#carry(target);
  }

  /** Replaces the next bytes to the client with noise. */
  corrupt(noise: Noise): void {
    this.#noise = noise;
  }

  /** Drops everything that is sent in these directions from now on. */
  silence(directions: readonly Direction[]): void {
    for (const direction of directions) this.#silent.add(direction);
  }

  /** Closes both sides. */
  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#client.close();
    this.#server?.close();
  }

  async #carry(target: number): Promise<void> {
    try {
      const server = await Deno.connect({ hostname: "127.0.0.1", port: target });
      if (this.#closing.signal.aborted) return server.close();
      this.#server = server;
      await Promise.all([
        this.#pump(this.#client, server, "to server"),
        this.#pump(server, this.#client, "to client"),
      ]);
    } catch {
      // Either side may close at any time, which ends the link.
    }
    this.close();
  }

  async #pump(from: Deno.TcpConn, to: Deno.TcpConn, direction: Direction): Promise<void> {
    let written = Promise.resolve();
    let late = 0;
    for (;;) {
      let bytes = await read(from);
      if (this.#silent.has(direction)) {
        // A close is dropped too, so the other side does not see it.
        if (bytes === undefined) return;
        continue;
      }
      if (bytes === undefined) break;
      if (direction === "to client" && this.#noise) {
        const noise = this.#noise;
        this.#noise = undefined;
        bytes = noise(bytes);
      }
      const poison = this.#poison();
      if (
        direction === "to server" && poison !== undefined &&
        Buffer.from(bytes.buffer, 0, bytes.length).includes(poison)
      ) {
        return this.close();
      }
      const delayMs = this.#delayMs();
      late += bytes.length;
      const due = sleep(delayMs, undefined, { signal: this.#closing.signal });
      const sent = bytes;
      written = Promise.all([due, written]).then(() => writeAll(to, sent)).then(() => {
        late -= sent.length;
      });
      written.catch(() => this.close());
      if (delayMs === 0 || late > maxLate) await written;
    }
    await written;
    this.close();
  }
}

async function read(from: Deno.TcpConn): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const buffer = new Uint8Array(64 * 1024);
  const length = await from.read(buffer);
  return length === null ? undefined : buffer.subarray(0, length);
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await to.write(bytes.subarray(written));
}
